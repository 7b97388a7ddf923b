import IR

/// `prelu(x, @slopes)` with one slope for all → `leaky_relu(x) {alpha = …}`
struct TurnPreluIntoLeakyRelu: Pattern {
  static let name = "turn-prelu-into-leaky-relu"

  func rewrite(_ root: Prelu, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let x = graph[node.operands[0]]
    guard x.element == .f32, !x.isQuantized, x == graph[node.results[0]],
      let slopes = graph.constant(node.operands[1])?.floats(), let first = slopes.first
    else { return false }
    guard slopes.allSatisfy({ $0 == first }) else {
      rewriter.declined(id, by: Self.name, because: "the slopes differ")
      return false
    }
    var leaky = LeakyRelu()
    leaky.alpha = first
    let value = try rewriter.insertOne(leaky, [node.operands[0]], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
