/// Bytes as text: RFC 4648, section 4, with padding.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let present = min(3, bytes.count - index)
      var word: UInt32 = 0
      for k in 0..<3 { word = word << 8 | (k < present ? UInt32(bytes[index + k]) : 0) }
      for k in 0..<4 {
        let digit = Int(word >> UInt32(18 - 6 * k)) & 63
        result.append(k <= present ? alphabet[digit] : UInt8(ascii: "="))
      }
      index += 3
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// nil if `text` is not base64.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 4 == 0 else { return nil }
    var table = [UInt8](repeating: 255, count: 256)
    for (value, digit) in alphabet.enumerated() { table[Int(digit)] = UInt8(value) }
    let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(digits.count / 4 * 3)
    for start in stride(from: 0, to: digits.count, by: 4) {
      var word: UInt32 = 0
      for k in start..<(start + 4) {
        let isPadding = k >= digits.count - padding
        let value: UInt8 = isPadding ? 0 : table[Int(digits[k])]
        if value == 255 { return nil }
        word = word << 6 | UInt32(value)
      }
      for k in 0..<3 { result.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * k))) }
    }
    result.removeLast(padding)
    return result
  }
}

/// A 64-bit content check of a large constant (FNV-1a; G. Fowler, L. Noll, K.-P. Vo, 1991). It finds
/// mistakes, not attacks; artifacts carry SHA-256 digests.
func contentDigest(_ bytes: UnsafeRawBufferPointer) -> String {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  let digits = String(hash, radix: 16)
  return "fnv1a64:" + String(repeating: "0", count: 16 - digits.count) + digits
}
