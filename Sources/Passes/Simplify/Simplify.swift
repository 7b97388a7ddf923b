import IR

/// Replaces arithmetic by cheaper arithmetic with the same results: constants in a row join, powers
/// become products and roots, divisions products where that is exact. Runs behind `recognize`, which
/// knows the forms that exporters write.
public struct Simplify: Pass {
  public static let name = "simplify"
  public static let summary = "replaces arithmetic by cheaper arithmetic with the same results"

  static let patterns: [AnyPattern] = [
    AnyPattern(MoveConstantRight<Add>()), AnyPattern(MoveConstantRight<Multiply>()),
    AnyPattern(MoveConstantRight<Maximum>()), AnyPattern(MoveConstantRight<Minimum>()),
    AnyPattern(TurnSubtractionIntoAddition()), AnyPattern(MergeAdditions()),
    AnyPattern(MergeMultiplications()), AnyPattern(SimplifyPower()),
    AnyPattern(TurnDivisionIntoReciprocal()), AnyPattern(MergeReciprocalOfRoot()),
    AnyPattern(TurnDivisionIntoProduct()),
  ]

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver(Simplify.patterns + Canonicalize.patterns).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}
