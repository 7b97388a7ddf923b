/// The larger of two with broadcasting; NaN wins.
public struct Maximum: BinaryElementwise, Operation {
  public static let mnemonic = "maximum"
  public static let summary = "y = max(a, b)"

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a.isNaN || a > b ? a : b }
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { max(a, b) }
}
