/// An array in chunks, of which a change copies one where a copy of the whole is alive.
///
/// Patterns hold a snapshot of the graph while they change it. With one plain array every such
/// change would copy all operations; here it copies at most `chunk` of them.
struct ChunkedArray<Element: Sendable>: Sendable {
  private static var shift: Int { 6 }
  private static var chunk: Int { 1 << shift }

  private var chunks: ContiguousArray<ContiguousArray<Element>> = []
  private(set) var count: Int = 0

  init() {}

  subscript(index: Int) -> Element {
    get { chunks[index >> Self.shift][index & (Self.chunk - 1)] }
    _modify { yield &chunks[index >> Self.shift][index & (Self.chunk - 1)] }
  }

  mutating func append(_ element: Element) {
    if count & (Self.chunk - 1) == 0 {
      var next: ContiguousArray<Element> = []
      next.reserveCapacity(Self.chunk)
      chunks.append(next)
    }
    chunks[count >> Self.shift].append(element)
    count += 1
  }
}
