import IR

/// The numbers of a FlexBuffers map, in which custom operators keep their options.
///
/// Source: FlatBuffers, "FlexBuffers binary format". Keys whose values are no numbers are left out.
struct FlexbufferMap {
  private(set) var numbers: [String: Double] = [:]

  subscript(key: String) -> Double? { numbers[key] }

  /// nil where `bytes` hold no map.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 3 else { return nil }
    let reader = FlexbufferReader(bytes: bytes)
    let width = Int(bytes[bytes.count - 1])
    let kind = Int(bytes[bytes.count - 2])
    let place = bytes.count - 2 - width
    guard kind >> 2 == 9, let map = reader.target(place, width) else { return nil }
    let wide = 1 << (kind & 3)
    guard let size = reader.unsigned(map - wide, wide), size <= bytes.count,
      let keyWidth = reader.unsigned(map - 2 * wide, wide),
      let keys = reader.target(map - 3 * wide, wide)
    else { return nil }
    for index in 0..<size {
      guard let type = reader.unsigned(map + size * wide + index, 1),
        let key = reader.target(keys + index * keyWidth, keyWidth),
        let name = reader.text(key)
      else { return nil }
      numbers[name] = reader.number(map + index * wide, wide, type)
    }
  }
}

/// Reads at places that may be anywhere; what lies outside is nil.
private struct FlexbufferReader {
  let bytes: [UInt8]

  private func bits(_ place: Int, _ width: Int) -> UInt64? {
    guard [1, 2, 4, 8].contains(width), place >= 0, place <= bytes.count - width else { return nil }
    return (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  func unsigned(_ place: Int, _ width: Int) -> Int? {
    bits(place, width).flatMap { Int(exactly: $0) }
  }

  /// What the offset at `place` leads to; offsets count backwards.
  func target(_ place: Int, _ width: Int) -> Int? {
    guard let offset = unsigned(place, width), offset <= place else { return nil }
    return place - offset
  }

  func text(_ place: Int) -> String? {
    guard let end = bytes[place...].firstIndex(of: 0) else { return nil }
    return String(decoding: bytes[place..<end], as: UTF8.self)
  }

  /// The number at `place`, inline or behind an offset.
  func number(_ place: Int, _ width: Int, _ type: Int) -> Double? {
    switch type >> 2 {
    case 1: return signed(place, width)
    case 2, 26: return bits(place, width).map { Double($0) }
    case 3: return real(place, width)
    case 6: return target(place, width).flatMap { signed($0, 1 << (type & 3)) }
    case 7: return target(place, width).flatMap { bits($0, 1 << (type & 3)) }.map { Double($0) }
    case 8: return target(place, width).flatMap { real($0, 1 << (type & 3)) }
    default: return nil
    }
  }

  private func signed(_ place: Int, _ width: Int) -> Double? {
    guard let raw = bits(place, width) else { return nil }
    let unused = UInt64(64 - 8 * width)
    return Double(Int64(bitPattern: raw << unused) >> Int64(unused))
  }

  private func real(_ place: Int, _ width: Int) -> Double? {
    guard let raw = bits(place, width) else { return nil }
    switch width {
    case 4: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
    case 8: return Double(bitPattern: raw)
    default: return nil
    }
  }
}
