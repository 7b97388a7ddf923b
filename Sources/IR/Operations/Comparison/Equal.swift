/// Whether two are equal.
public struct Equal: Comparison, Operation {
  public static let mnemonic = "equal"
  public static let summary = "y = a == b"
  public var rounding: Rounding = .floatEven

  public init() {}

  static func compare<T: Comparable>(_ a: T, _ b: T) -> Bool { a == b }
}
