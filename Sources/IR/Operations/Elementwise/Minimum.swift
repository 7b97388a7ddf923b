/// The smaller of two with broadcasting; NaN wins.
public struct Minimum: BinaryElementwise, Operation {
  public static let mnemonic = "minimum"
  public static let summary = "y = min(a, b)"

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a.isNaN || a < b ? a : b }
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { min(a, b) }
}
