/// The index of the largest element along one axis.
public struct ArgMax: ArgumentReduction, Operation {
  public static let mnemonic = "argmax"
  public static let summary = "y = the index of the largest element along the axis"
  public static let fields: [Field<ArgMax>] = [
    .init("axis", \.axis, "the axis that is searched; negative ones count from the end"),
    .init("keep_dimension", \.keepDimension, "whether the axis stays with extent 1"),
    .init("takes_last", \.takesLast, "which of several equal elements counts"),
  ]
  public var axis: Int = -1
  public var keepDimension: Bool = true
  public var takesLast: Bool = false

  public init() {}

  static func isBetter<T: Comparable>(_ a: T, than b: T) -> Bool { a > b }
}
