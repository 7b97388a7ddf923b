/// The bits that either has; "or" of truth values.
public struct BitwiseOr: BinaryBitwise, Operation {
  public static let mnemonic = "or"
  public static let summary = "y = a | b"

  public init() {}

  static func apply(_ a: Int64, _ b: Int64, width: Int, isSigned: Bool) -> Int64 { a | b }
}
