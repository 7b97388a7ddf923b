/// The bits that one of the two has; "exclusive or" of truth values.
public struct BitwiseXor: BinaryBitwise, Operation {
  public static let mnemonic = "xor"
  public static let summary = "y = a ^ b"

  public init() {}

  static func apply(_ a: Int64, _ b: Int64, width: Int, isSigned: Bool) -> Int64 { a ^ b }
}
