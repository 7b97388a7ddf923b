import IR

/// `maximum(x, @c)` with one value c → `clamp(x) {minimum = c}`, which layers take in. Exact.
struct TurnMaximumIntoClamp: Pattern {
  static let name = "turn-maximum-into-clamp"
  func rewrite(_ root: Maximum, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try becomeClamp(id, &rewriter) { $0.minimum = $1 }
  }
}

/// `minimum(x, @c)` with one value c → `clamp(x) {maximum = c}`. Exact.
struct TurnMinimumIntoClamp: Pattern {
  static let name = "turn-minimum-into-clamp"
  func rewrite(_ root: Minimum, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try becomeClamp(id, &rewriter) { $0.maximum = $1 }
  }
}

private func becomeClamp(
  _ id: OperationID, _ rewriter: inout Rewriter, _ set: (inout Clamp, Float) -> Void
) throws -> Bool {
  let graph = rewriter.graph
  let node = graph[id]
  guard let (side, tensor) = graph.constantSide(of: node), tensor.element == .f32,
    graph[node.operands[1 - side]] == graph[node.results[0]], let bound = tensor.filling,
    bound.isFinite
  else { return false }
  var clamp = Clamp()
  set(&clamp, Float(bound))
  let value = try rewriter.insertOne(
    clamp, [node.operands[1 - side]], before: id, at: node.location)
  rewriter.replace(id, with: [value])
  return true
}
