/// Bits moved up; zeros come in, and a shift by the width or more gives 0.
public struct ShiftLeft: BinaryBitwise, Operation {
  public static let mnemonic = "shift_left"
  public static let summary = "y = a << b"
  static var takesBools: Bool { false }

  public init() {}

  static func apply(_ a: Int64, _ b: Int64, width: Int, isSigned: Bool) -> Int64 {
    (0..<Int64(width)).contains(b) ? a << b : 0
  }
}
