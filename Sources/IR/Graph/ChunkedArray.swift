/// An array in chunks of chunks, of which a change copies little where a copy of the whole is alive.
///
/// Patterns hold a snapshot of the graph while they change it. With one plain array every such change
/// would copy all operations; here it copies one chunk, one list of chunks, and the list of those.
struct ChunkedArray<Element: Sendable>: Sendable {
  private static var shift: Int { 6 }
  private static var mask: Int { (1 << shift) - 1 }

  private var groups: ContiguousArray<ContiguousArray<ContiguousArray<Element>>> = []
  private(set) var count: Int = 0

  init() {}

  subscript(index: Int) -> Element {
    get {
      groups[index >> (2 * Self.shift)][(index >> Self.shift) & Self.mask][index & Self.mask]
    }
    _modify {
      yield &groups[index >> (2 * Self.shift)][(index >> Self.shift) & Self.mask][index & Self.mask]
    }
  }

  mutating func append(_ element: Element) {
    if count & ((1 << (2 * Self.shift)) - 1) == 0 { groups.append([]) }
    let group = count >> (2 * Self.shift)
    if count & Self.mask == 0 {
      var chunk: ContiguousArray<Element> = []
      chunk.reserveCapacity(1 << Self.shift)
      groups[group].append(chunk)
    }
    groups[group][(count >> Self.shift) & Self.mask].append(element)
    count += 1
  }
}
