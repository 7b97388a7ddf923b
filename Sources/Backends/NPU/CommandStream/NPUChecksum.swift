/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720, section 12.1).
public struct NPUChecksum: Sendable {
  private let table: [UInt32]

  public init() {
    table = (0..<256).map { (index: Int) -> UInt32 in
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
      return value
    }
  }

  public func callAsFunction(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xff)] ^ (crc >> 8) }
    return ~crc
  }
}
