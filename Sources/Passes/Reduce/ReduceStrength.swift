import IR

/// Finds convolutions that need fewer multiplications than they are written with.
public struct ReduceStrength: Pass {
  public static let name = "reduce-strength"
  public static let summary =
    "gives convolutions smaller filters, groups or the depthwise form where results stay the same"

  static let patterns: [AnyPattern] = [
    AnyPattern(CropFilter<Conv2D>()), AnyPattern(CropFilter<DepthwiseConv2D>()),
    AnyPattern(SplitIntoGroups()), AnyPattern(TurnGroupsIntoDepthwise()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(ReduceStrength.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
