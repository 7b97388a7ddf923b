import IR

/// `reshape(reduce_mean(x))` that only drops the folded axes → `reduce_mean(x) {keep_dimensions =
/// false}`
struct DropReducedAxes: Pattern {
  static let name = "drop-reduced-axes"

  func rewrite(_ root: Reshape, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (mean, operation) = graph.defining(node.operands[0], as: ReduceMean.self),
      operation.keepDimensions, graph.hasOneUse(node.operands[0])
    else { return false }
    let operand = graph[graph[mean].operands[0]]
    guard operand.shape.isStatic else { return false }
    let folded = Set(operation.axes.map { $0 < 0 ? $0 + operand.rank : $0 })
    let kept = operand.shape.dimensions.indices.filter { !folded.contains($0) }
    let result = graph[node.results[0]]
    guard result.shape.dimensions == kept.map({ operand.shape[$0] }) else { return false }
    var dropping = operation
    dropping.keepDimensions = false
    let value = try rewriter.insertOne(
      dropping, graph[mean].operands, quantization: result.quantization, before: id,
      at: graph[mean].location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }
}
