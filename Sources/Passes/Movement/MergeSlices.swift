import IR

/// `slice(slice(x))` → one slice. Exact.
///
/// ```
/// %0 = slice(%x) {start = [2], size = [6]}
/// %1 = slice(%0) {start = [1], size = [2], stride = [2]}   →  slice(%x) {start = [3], size = [2], …}
/// ```
struct MergeSlices: Pattern {
  static let name = "merge-slices"
  func rewrite(_ root: Slice, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (innerID, inner) = graph.defining(node.operands[0], as: Slice.self) else {
      return false
    }
    let axes = root.start.indices
    var merged = Slice(
      start: axes.map { inner.start[$0] + root.start[$0] * inner.step($0) }, size: root.size)
    let steps = axes.map { inner.step($0) * root.step($0) }
    // The step of a single element says nothing.
    let plain = axes.map { root.size[$0] <= 1 ? 1 : steps[$0] }
    merged.stride = plain.allSatisfy { $0 == 1 } ? [] : plain
    let value = try rewriter.insertOne(
      merged, [graph[innerID].operands[0]], before: id,
      at: graph[innerID].location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }
}
