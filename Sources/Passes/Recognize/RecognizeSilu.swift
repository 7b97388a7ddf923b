import IR

/// `mul(x, sigmoid(x))` → `silu(x)`
struct RecognizeSilu: Pattern {
  static let name = "recognize-silu"

  func rewrite(_ root: Multiply, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let result = graph[node.results[0]]
    guard root.isUnbounded, result.element.isFloat, !result.isQuantized else { return false }
    for (x, gate) in [(0, 1), (1, 0)].map({ (node.operands[$0], node.operands[$1]) }) {
      guard let (sigmoid, _) = graph.defining(gate, as: Sigmoid.self),
        graph[sigmoid].operands[0] == x
      else { continue }
      guard graph.hasOneUse(gate) else {
        rewriter.declined(id, by: Self.name, because: "the sigmoid is used elsewhere too")
        return false
      }
      let value = try rewriter.insertOne(Silu(), [x], before: id, at: node.location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }
}
