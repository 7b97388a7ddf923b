/// The sum of all elements up to each one along an axis.
public struct CumulativeSum: Cumulation, Operation {
  public static let mnemonic = "cumulative_sum"
  public static let summary = "y[i] = x[0] + … + x[i] along the axis"
  public static let fields: [Field<CumulativeSum>] = [
    .init("axis", \.axis, "the axis that is followed; negative ones count from the end"),
    .init("exclusive", \.isExclusive, "whether an element itself is left out"),
    .init("reversed", \.isReversed, "whether the axis is followed from its end"),
  ]
  public var axis: Int = 0
  public var isExclusive: Bool = false
  public var isReversed: Bool = false
  static let start = 0

  public init() {}

  static func fold(_ a: Double, _ b: Double) -> Double { a + b }
  static func fold(_ a: Int, _ b: Int) -> Int { a &+ b }
}
