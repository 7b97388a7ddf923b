/// Bits moved down; copies of the sign come in, zeros for unsigned types. A shift by the width or
/// more gives what is left in the end.
public struct ShiftRight: BinaryBitwise, Operation {
  public static let mnemonic = "shift_right"
  public static let summary = "y = a >> b"
  static var takesBools: Bool { false }

  public init() {}

  static func apply(_ a: Int64, _ b: Int64, width: Int, isSigned: Bool) -> Int64 {
    let isInside = (0..<Int64(width)).contains(b)
    if isSigned { return a >> (isInside ? b : 63) }
    return isInside ? Int64(bitPattern: UInt64(bitPattern: a) >> UInt64(b)) : 0
  }
}
