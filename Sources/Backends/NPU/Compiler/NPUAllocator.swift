/// Gives buffers places in one memory: two buffers whose lifetimes meet never share a byte.
struct NPUAllocator {
  /// A placed buffer: bytes `lower..<upper` during steps `first...last`.
  private struct Place {
    var lower: Int
    var upper: Int
    var first: Int
    var last: Int
  }

  static let alignment: Int = 16

  private let capacity: Int
  private var places: [Place] = []
  /// Bytes from 0 to the end of the highest buffer.
  private(set) var peak: Int = 0

  init(capacity: Int) { self.capacity = capacity }

  /// The offset of a buffer that lives during `first...last`, in the smallest gap that holds it
  /// (best fit, lowest first); nil if there is none.
  mutating func place(_ bytes: Int, _ first: Int, _ last: Int) -> Int? {
    guard let offset = gap(bytes, first, last) else { return nil }
    places.append(Place(lower: offset, upper: offset + bytes, first: first, last: last))
    peak = max(peak, offset + bytes)
    return offset
  }

  /// Whether `place` would find room.
  func fits(_ bytes: Int, _ first: Int, _ last: Int) -> Bool { gap(bytes, first, last) != nil }

  private func gap(_ bytes: Int, _ first: Int, _ last: Int) -> Int? {
    let rivals = places.filter { $0.first <= last && first <= $0.last }
      .sorted { ($0.lower, $0.upper) < ($1.lower, $1.upper) }
    var best: (offset: Int, room: Int)?
    var cursor: Int = 0
    for rival in rivals + [Place(lower: capacity, upper: capacity, first: 0, last: 0)] {
      let start: Int = (cursor + Self.alignment - 1) / Self.alignment * Self.alignment
      let room: Int = rival.lower - start
      if room >= bytes && room < best?.room ?? Int.max { best = (start, room) }
      cursor = max(cursor, rival.upper)
    }
    return best?.offset
  }
}
