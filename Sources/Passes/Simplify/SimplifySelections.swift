import IR

/// `select(@true, a, b)` → `a`; `select(@false, a, b)` → `b`; `select(c, a, a)` → `a`: where what is
/// left has the result's shape. Exact.
struct DropKnownSelection: Pattern {
  static let name = "drop-known-selection"
  func rewrite(_ root: Select, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    var chosen: Value?
    if node.operands[1] == node.operands[2] { chosen = node.operands[1] }
    if let condition = graph.constant(node.operands[0]), condition.count > 0 {
      let truths = condition.integers()
      if truths.allSatisfy({ $0 != 0 }) { chosen = node.operands[1] }
      if truths.allSatisfy({ $0 == 0 }) { chosen = node.operands[2] }
    }
    guard let chosen, graph[chosen] == graph[node.results[0]] else { return false }
    rewriter.replace(id, with: [chosen])
    return true
  }
}

/// `select(not(c), a, b)` → `select(c, b, a)`. Exact.
struct TurnSelectionAround: Pattern {
  static let name = "turn-selection-around"
  func rewrite(_ root: Select, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (inner, _) = graph.defining(node.operands[0], as: BitwiseNot.self) else {
      return false
    }
    let value = try rewriter.insertOne(
      root, [graph[inner].operands[0], node.operands[2], node.operands[1]],
      before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
