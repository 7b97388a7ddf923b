import IR

/// `reshape(f(reshape(x)))` → `f(reshape(x))` for a function f of single elements: one reshape fewer.
/// Exact.
struct MergeReshapesAround<Function: Operation & PointwiseFunction>: Pattern {
  static var name: String { "merge-reshapes-around-\(Function.mnemonic)" }

  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (innerID, _) = graph.defining(node.operands[0], as: Reshape.self),
      graph.hasOneUse(node.operands[0]), graph.hasOneUse(node.results[0]),
      let user = graph.users(of: node.results[0]).first, let outer = graph[user].operation as? Reshape,
      graph[graph[innerID].operands[0]].shape.isStatic
    else { return false }
    let result = graph[node.results[0]]
    let reshaped = try rewriter.insertOne(
      outer, [graph[innerID].operands[0]], before: id,
      at: graph[innerID].location.joined(with: graph[user].location))
    let value = try rewriter.insertOne(
      root, [reshaped], quantization: result.quantization, before: id, at: node.location)
    rewriter.replace(user, with: [value])
    return true
  }
}
