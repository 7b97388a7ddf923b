/// Appends little-endian numbers to bytes.
struct NPUByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: Int, _ width: NPUFieldWidth) throws {
    guard width.range.contains(value) else {
      throw NPUStreamError(offset: bytes.count, reason: "\(value) does not fit \(width)")
    }
    for index in 0..<width.bytes {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
    }
  }

  mutating func write(_ value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  mutating func write(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }

  /// A 16-bit length and UTF-8.
  mutating func write(_ text: String) throws {
    let utf8 = Array(text.utf8)
    try write(utf8.count, .u16)
    bytes.append(contentsOf: utf8)
  }

  mutating func align(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }

  mutating func overwrite(at offset: Int, with value: UInt32) {
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }
}
