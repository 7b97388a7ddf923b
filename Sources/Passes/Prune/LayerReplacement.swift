import IR

/// Gives layers other weights and biases. Layers that shared a constant share the new one.
enum LayerReplacement {
  static func apply(
    _ changed: [OperationID: LayerRefit.Layer], _ rewriter: inout Rewriter
  ) throws {
    var made: [Value: [(tensor: Tensor, value: Value)]] = [:]
    for id in Array(rewriter.graph.operations(in: rewriter.graph.entry)) {
      guard let layer = changed[id] else { continue }
      let node = rewriter.graph[id]
      var operands = node.operands
      operands[1] = constant(layer.weights, in: operands[1], &made, &rewriter)
      if let bias = layer.bias {
        if operands.count > 2 {
          operands[2] = constant(bias, in: operands[2], &made, &rewriter)
        } else {
          operands.append(rewriter.constant(bias))
        }
      }
      let result = try rewriter.insertOne(node.operation, operands, before: id, at: node.location)
      rewriter.replace(id, with: [result])
    }
  }

  /// `tensor` in place of the constant `old`.
  private static func constant(
    _ tensor: Tensor, in old: Value, _ made: inout [Value: [(tensor: Tensor, value: Value)]],
    _ rewriter: inout Rewriter
  ) -> Value {
    if let known = made[old]?.first(where: { $0.tensor == tensor }) { return known.value }
    let value = rewriter.constant(tensor, name: rewriter.graph.name(of: old))
    made[old, default: []].append((tensor, value))
    return value
  }
}
