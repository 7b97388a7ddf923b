/// Division with broadcasting; integers truncate, and give 0 where the divisor is 0.
public struct Divide: BinaryElementwise, Operation {
  public static let mnemonic = "div"
  public static let summary = "y = a / b"

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a / b }
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
}
