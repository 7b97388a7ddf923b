/// Whether the first is not larger. "Greater or equal" is this with the operands swapped.
public struct LessOrEqual: Comparison, Operation {
  public static let mnemonic = "less_equal"
  public static let summary = "y = a ≤ b"
  public var rounding: Rounding = .floatEven

  public init() {}

  static func compare<T: Comparable>(_ a: T, _ b: T) -> Bool { a <= b }
}
