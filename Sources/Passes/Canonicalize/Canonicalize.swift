import IR

/// Brings operations into their simplest form and removes what is dead.
public struct Canonicalize: Pass {
  public static let name = "canonicalize"
  public static let summary = "brings operations into their simplest form and removes dead ones"

  /// The simplifications, each in its own file.
  static let patterns: [AnyPattern] = [
    AnyPattern(DropIdentityReshape()), AnyPattern(MergeReshapes()),
    AnyPattern(DropIdentityTranspose()), AnyPattern(MergeTransposes()),
    AnyPattern(TurnTransposeIntoReshape()), AnyPattern(HoistTransposeOverDequantize()),
    AnyPattern(HoistReshapeOverDequantize()), AnyPattern(SinkReshapeBelowQuantize()),
    AnyPattern(DropIdentityClamp()), AnyPattern(MergeClamps()), AnyPattern(DropIdentityCast()),
    AnyPattern(DropIdentitySlice()), AnyPattern(DropIdentityPad()),
    AnyPattern(DropSingleConcat()), AnyPattern(DropIdentityRescale()),
    AnyPattern(DropQuantizeOfDequantize()), AnyPattern(DropStorageCast()),
    AnyPattern(FoldTransposeIntoWeights()),
    AnyPattern(SplitBeforeTranspose()), AnyPattern(MergeAfterTranspose()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(Canonicalize.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
