import IR

/// `concat(concat(a, b), c)` along one axis → `concat(a, b, c)`, where the inner one is used here
/// alone. Exact.
struct MergeConcats: Pattern {
  static let name = "merge-concats"
  func rewrite(_ root: Concat, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let rank = graph[node.results[0]].rank
    let axis = { (concat: Concat) in concat.axis < 0 ? concat.axis + rank : concat.axis }
    for (place, operand) in node.operands.enumerated() {
      guard let (innerID, inner) = graph.defining(operand, as: Concat.self),
        axis(inner) == axis(root), graph.hasOneUse(operand)
      else { continue }
      var operands = node.operands
      operands.replaceSubrange(place...place, with: graph[innerID].operands)
      let value = try rewriter.insertOne(
        Concat(axis: axis(root)), operands, before: id, at: graph[innerID].location.joined(with: node.location))
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }
}

/// Parts of extent 0 go out of a concatenation. Exact.
struct DropEmptyParts: Pattern {
  static let name = "drop-empty-parts"
  func rewrite(_ root: Concat, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let rank = graph[node.results[0]].rank
    let axis = root.axis < 0 ? root.axis + rank : root.axis
    let kept = node.operands.filter { graph[$0].shape[axis] != 0 }
    guard kept.count < node.operands.count, !kept.isEmpty else { return false }
    let value = try rewriter.insertOne(root, kept, before: id, at: node.location)
    guard rewriter.graph[value] == graph[node.results[0]] else { return false }
    rewriter.replace(id, with: [value])
    return true
  }
}
