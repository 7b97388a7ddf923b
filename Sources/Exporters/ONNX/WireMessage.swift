import IR

/// A protobuf message under construction: fields in the order in which they were added.
///
/// Lengths are counted while fields are added, so that the whole file is written front to back into
/// one buffer and the bytes of a tensor are copied once, from where they lie into the file. That, and
/// a dozen message types of which each has a handful of fields, is why this writes the wire format
/// itself: protobuf-c's packer needs every message as a C structure first, weights included.
///
/// Source: "Protocol Buffers: Encoding", https://protobuf.dev/programming-guides/encoding/.
struct WireMessage {
  private enum Part {
    case bytes([UInt8])
    case storage(Storage)
    case message(WireMessage)
  }

  private var parts: [Part] = []
  /// Bytes of the encoded fields.
  private(set) var size: Int = 0

  init() {}

  /// A field of one of the integer types or an enumeration; negative numbers take ten bytes.
  mutating func add(_ field: Int, int value: Int) {
    var bytes: [UInt8] = []
    WireMessage.append(UInt64(field << 3), to: &bytes)
    WireMessage.append(UInt64(bitPattern: Int64(value)), to: &bytes)
    append(bytes)
  }

  mutating func add(_ field: Int, float value: Float) {
    var bytes: [UInt8] = []
    WireMessage.append(UInt64(field << 3 | 5), to: &bytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    append(bytes)
  }

  mutating func add(_ field: Int, text: String) {
    addLength(field, text.utf8.count)
    append(Array(text.utf8))
  }

  mutating func add(_ field: Int, bytes: [UInt8]) {
    addLength(field, bytes.count)
    append(bytes)
  }

  /// A field of bytes that stay where they are until the file is written.
  mutating func add(_ field: Int, storage: Storage) {
    addLength(field, storage.byteCount)
    parts.append(.storage(storage))
    size += storage.byteCount
  }

  /// Repeated integers, packed.
  mutating func add(_ field: Int, packed values: [Int]) {
    guard !values.isEmpty else { return }
    var bytes: [UInt8] = []
    for value in values { WireMessage.append(UInt64(bitPattern: Int64(value)), to: &bytes) }
    add(field, bytes: bytes)
  }

  mutating func add(_ field: Int, message: WireMessage) {
    addLength(field, message.size)
    parts.append(.message(message))
    size += message.size
  }

  /// The encoded message.
  func encoded() -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(size)
    write(to: &result)
    return result
  }

  private func write(to result: inout [UInt8]) {
    for part in parts {
      switch part {
      case .bytes(let bytes): result.append(contentsOf: bytes)
      case .storage(let storage): result.append(contentsOf: storage.unalignedBytes)
      case .message(let message): message.write(to: &result)
      }
    }
  }

  /// The head of a field whose `count` bytes follow.
  private mutating func addLength(_ field: Int, _ count: Int) {
    var bytes: [UInt8] = []
    WireMessage.append(UInt64(field << 3 | 2), to: &bytes)
    WireMessage.append(UInt64(count), to: &bytes)
    append(bytes)
  }

  /// Small pieces that follow each other become one.
  private mutating func append(_ bytes: [UInt8]) {
    size += bytes.count
    if case .bytes(var last)? = parts.last {
      parts.removeLast()
      last.append(contentsOf: bytes)
      parts.append(.bytes(last))
    } else {
      parts.append(.bytes(bytes))
    }
  }

  /// A varint: seven bits per byte, lowest first.
  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
