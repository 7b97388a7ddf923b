import IR

/// Neighbouring slices of one value, concatenated → one slice: of all of x, x itself. Exact.
///
/// ```
/// %0 = slice(%x) {start = [0, 0], size = [1, 2]}
/// %1 = slice(%x) {start = [0, 2], size = [1, 3]}      →  %2 = slice(%x) {start = [0, 0], size = [1, 5]}
/// %2 = concat(%0, %1) {axis = 1}
/// ```
struct JoinSlices: Pattern {
  static let name = "join-slices"

  func rewrite(_ root: Concat, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let rank = graph[node.results[0]].rank
    let axis = root.axis < 0 ? root.axis + rank : root.axis
    for place in node.operands.indices.dropLast() {
      guard let (joined, source) = joined(
        node.operands[place], node.operands[place + 1], axis, graph)
      else { continue }
      let slice = try rewriter.insertOne(joined, [source], before: id, at: node.location)
      var operands = node.operands
      operands.replaceSubrange(place...(place + 1), with: [slice])
      let value = try rewriter.insertOne(root, operands, before: id, at: node.location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }

  /// The slice that is both, where `b` goes on along `axis` where `a` ends.
  private func joined(
    _ a: Value, _ b: Value, _ axis: Int, _ graph: Graph
  ) -> (Slice, Value)? {
    guard let (firstID, first) = graph.defining(a, as: Slice.self),
      let (secondID, second) = graph.defining(b, as: Slice.self),
      graph[firstID].operands[0] == graph[secondID].operands[0],
      first.step(axis) == 1, second.step(axis) == 1,
      first.start[axis] + first.size[axis] == second.start[axis]
    else { return nil }
    for other in first.start.indices where other != axis {
      guard first.start[other] == second.start[other], first.size[other] == second.size[other],
        first.step(other) == second.step(other)
      else { return nil }
    }
    var slice = first
    slice.size[axis] += second.size[axis]
    return (slice, graph[firstID].operands[0])
  }
}
