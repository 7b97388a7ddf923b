/// Looks at the first fields of a file to tell whether it may be an ONNX `ModelProto`, without
/// unpacking anything.
struct WireProbe {
  private let bytes: UnsafeRawBufferPointer
  private var offset: Int = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Wire types of `ModelProto`'s fields.
  private static let wireTypes: [UInt64: UInt64] = [
    1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2,
  ]

  /// Whether the file starts with fields of a model and has an IR version or a graph among them.
  mutating func looksLikeModel() -> Bool {
    var hasVersion = false
    for _ in 0..<16 {
      guard offset < bytes.count else { return hasVersion }
      guard let tag = varint(), WireProbe.wireTypes[tag >> 3] == tag & 7 else { return false }
      if tag >> 3 == 7 { return true }
      guard let value = varint() else { return false }
      if tag >> 3 == 1 { hasVersion = true }
      if tag & 7 == 2 {
        guard value <= UInt64(bytes.count - offset) else { return false }
        offset += Int(value)
      }
    }
    return hasVersion
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
