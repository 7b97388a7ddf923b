import IR

/// Writes tables as a FlatBuffers file, front to back: a table, then, in the order of their fields,
/// what it refers to. Offsets point forward, as the format wants them, and the bytes of weights are
/// copied once, to multiples of 16. Equal vtables are written once.
///
/// Source: FlatBuffers, "FlatBuffer Internals", https://flatbuffers.dev/internals/.
struct FlatFile {
  private var bytes: [UInt8] = []
  /// Values that are written already, with the offset that still has to name their place.
  private var waiting: [(offset: Int, value: FlatTable.Value)] = []
  private var vtables: [[UInt8]: Int] = [:]

  /// The file with `root` as its root table.
  ///
  /// - Parameters:
  ///   - identifier: four characters.
  ///   - capacity: about how many bytes there will be.
  static func encode(_ root: FlatTable, identifier: String, capacity: Int) -> [UInt8] {
    var file = FlatFile()
    file.bytes.reserveCapacity(capacity)
    file.bytes += [0, 0, 0, 0] + Array(identifier.utf8)
    file.waiting.append((0, .table(root)))
    var next: Int = 0
    while next < file.waiting.count {
      let (offset, value) = file.waiting[next]
      next += 1
      file.write(value, from: offset)
    }
    return file.bytes
  }

  /// Writes `value` here, and its distance into the offset at `place`.
  private mutating func write(_ value: FlatTable.Value, from place: Int) {
    let start: Int
    switch value {
    case .number: return
    case .table(let table): start = write(table)
    case .text(let text):
      // Strings end in a zero that their length does not count.
      start = writeLength(text.utf8.count, alignment: 4)
      bytes += Array(text.utf8) + [0]
    case .tables(let tables):
      start = writeLength(tables.count, alignment: 4)
      for table in tables {
        waiting.append((bytes.count, .table(table)))
        bytes += [0, 0, 0, 0]
      }
    case .numbers(let numbers, let width):
      start = writeLength(numbers.count, alignment: max(width, 4))
      for number in numbers { append(number, width: width) }
    case .storage(let storage):
      start = writeLength(storage.byteCount, alignment: 16)
      bytes.append(contentsOf: storage.unalignedBytes)
    case .bytes(let content):
      start = writeLength(content.count, alignment: 16)
      bytes += content
    }
    patch(place, with: start)
  }

  /// The vtable where an equal one is not there yet, then the table's own fields, the widest first
  /// so that none needs padding.
  private mutating func write(_ table: FlatTable) -> Int {
    let ordered = table.fields.sorted { a, b in
      let (first, second) = (a.value.inlineWidth, b.value.inlineWidth)
      return first == second ? a.key < b.key : first > second
    }
    let isWide = ordered.first.map { $0.value.inlineWidth == 8 } ?? false
    var places: [Int: Int] = [:]
    var size: Int = isWide ? 8 : 4
    for (slot, value) in ordered {
      places[slot] = size
      size += value.inlineWidth
    }
    let slots = (table.fields.keys.max() ?? -1) + 1
    var vtable: [UInt8] = []
    for entry in [4 + 2 * slots, size] + (0..<slots).map({ places[$0] ?? 0 }) {
      vtable += [UInt8(truncatingIfNeeded: entry), UInt8(truncatingIfNeeded: entry >> 8)]
    }
    let known = vtables[vtable]
    if known == nil {
      align(to: 2)
      vtables[vtable] = bytes.count
      bytes += vtable
    }
    align(to: isWide ? 8 : 4)
    let start = bytes.count
    let distance = start - (known ?? vtables[vtable] ?? start)
    append(UInt64(bitPattern: Int64(distance)), width: 4)
    if isWide { bytes += [0, 0, 0, 0] }
    for (_, value) in ordered {
      if case .number(let bits, let width) = value {
        append(bits, width: width)
      } else {
        waiting.append((bytes.count, value))
        bytes += [0, 0, 0, 0]
      }
    }
    return start
  }

  /// The length of a vector whose elements follow at a multiple of `alignment`.
  private mutating func writeLength(_ count: Int, alignment: Int) -> Int {
    while (bytes.count + 4) % alignment != 0 { bytes.append(0) }
    let start = bytes.count
    append(UInt64(count), width: 4)
    return start
  }

  private mutating func align(to alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }

  private mutating func append(_ bits: UInt64, width: Int) {
    for index in 0..<width { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))) }
  }

  private mutating func patch(_ place: Int, with target: Int) {
    let distance = target - place
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: distance >> (8 * index)) }
  }
}

extension FlatTable.Value {
  /// Bytes inside of the table: the number, or an offset.
  fileprivate var inlineWidth: Int {
    if case .number(_, let width) = self { return width }
    return 4
  }
}
