/// The bits that both have; "and" of truth values.
public struct BitwiseAnd: BinaryBitwise, Operation {
  public static let mnemonic = "and"
  public static let summary = "y = a & b"

  public init() {}

  static func apply(_ a: Int64, _ b: Int64, width: Int, isSigned: Bool) -> Int64 { a & b }
}
