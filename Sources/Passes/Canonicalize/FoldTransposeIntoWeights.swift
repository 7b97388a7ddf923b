import IR

/// Lets a fully connected layer read its operand in memory order: its weights' columns move instead.
///
/// ```
/// %0 = transpose(%x) {permutation = [0, 3, 1, 2]}
/// %1 = reshape(%0) {shape = [1, 72]}            →  %1 = reshape(%x) {shape = [1, 72]}
/// %2 = fully_connected(%1, @w)                     %2 = fully_connected(%1, @w')
/// ```
struct FoldTransposeIntoWeights: Pattern {
  static let name = "fold-transpose-into-weights"

  func rewrite(
    _ root: FullyConnected, _ id: OperationID, _ rewriter: inout Rewriter
  ) throws -> Bool {
    let node = rewriter.graph[id]
    let graph = rewriter.graph
    guard let (reshapeID, _) = graph.defining(node.operands[0], as: Reshape.self),
      let (transposeID, transpose) = graph.defining(
        graph[reshapeID].operands[0], as: Transpose.self),
      let weights = graph.constant(node.operands[1])
    else { return false }
    let source = graph[transposeID].operands[0]
    let moved = graph[graph[reshapeID].operands[0]].shape
    let flat = graph[node.operands[0]].shape
    // The first axis is the rows of the product; the others together its depth.
    guard moved.isStatic, transpose.permutation.first == 0, moved[0] == flat[0],
      moved.count == flat.count, !transpose.isIdentity
    else { return false }
    let columns = try reorder(weights, Array(moved.dimensions.dropFirst()), transpose)
    let name = graph.name(of: node.operands[1])
    let constant = rewriter.constant(columns, name: name)
    let location = graph[transposeID].location.joined(with: graph[reshapeID].location)
    let reshaped = try rewriter.insertOne(
      Reshape(to: flat.dimensions), [source], before: id, at: location)
    rewriter.setOperand(0, of: id, to: reshaped)
    rewriter.setOperand(1, of: id, to: constant)
    return true
  }

  /// Weights `[outputs, moved…]` with their columns in the order before the transpose.
  private func reorder(
    _ weights: Tensor, _ moved: [Int], _ transpose: Transpose
  ) throws -> Tensor {
    let outputs = weights.shape[0]
    let spread = weights.reinterpreted(
      as: weights.type.with(shape: Shape([outputs] + moved)))
    let inverse = transpose.inverse
    let type = try inverse.infer(OperandTypes([spread.type]))[0]
    let result = try inverse.evaluate([spread], EvaluationContext(resultTypes: [type]))[0]
    return result.reinterpreted(as: weights.type)
  }
}
