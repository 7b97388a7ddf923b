import IR

/// A product with a constant matrix → a fully connected layer over all rows.
///
/// ```
/// %0 = matmul(%x, @w)                    →  %a = reshape(%x) {shape = [14, 32]}
///        : tensor<2x7x8xf32>                %b = fully_connected(%a, @wᵀ) : tensor<14x8xf32>
///                                           %0 = reshape(%b) {shape = [2, 7, 8]}
/// ```
struct TurnMatMulIntoFullyConnected: Pattern {
  static let name = "turn-matmul-into-fully-connected"

  func rewrite(_ root: MatMul, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let (left, result) = (graph[node.operands[0]], graph[node.results[0]])
    guard let weights = matrix(node.operands[1], graph), left.rank >= 2, left.shape.isStatic,
      left.element.isFloat
    else { return false }
    let depth = left.shape[left.rank - 1]
    let columns = graph[weights.value].shape[1]
    let rows = depth == 0 ? 0 : left.shape.count / depth
    let flat = try rewriter.insertOne(
      Reshape(to: [rows, depth]), [node.operands[0]], before: id, at: node.location)
    let turned = try weights.transposed(before: id, &rewriter)
    let product = try rewriter.insertOne(
      FullyConnected(), [flat, turned], before: id, at: node.location)
    let value = try rewriter.insertOne(
      Reshape(to: result.shape.dimensions), [product], before: id, at: node.location)
    precondition(columns == result.shape[result.rank - 1], "the product keeps its columns")
    rewriter.replace(id, with: [value])
    return true
  }

  /// A constant matrix, plain or dequantised.
  private struct Matrix {
    let value: Value
    let constant: Tensor
    let name: String?
    let isDequantized: Bool

    /// Its transpose, computed now.
    func transposed(before anchor: OperationID, _ rewriter: inout Rewriter) throws -> Value {
      let transpose = Transpose([1, 0])
      let type = try transpose.infer(OperandTypes([constant.type]))[0]
      let turned = try transpose.evaluate([constant], EvaluationContext(resultTypes: [type]))[0]
      let value = rewriter.constant(turned, name: name)
      guard isDequantized else { return value }
      return try rewriter.insertOne(Dequantize(), [value], before: anchor, at: .none)
    }
  }

  private func matrix(_ value: Value, _ graph: Graph) -> Matrix? {
    guard graph[value].rank == 2 else { return nil }
    if let tensor = graph.constant(value), !tensor.type.isQuantized {
      return Matrix(
        value: value, constant: tensor, name: graph.name(of: value), isDequantized: false)
    }
    guard let (id, _) = graph.defining(value, as: Dequantize.self),
      let tensor = graph.constant(graph[id].operands[0])
    else { return nil }
    let name = graph.name(of: graph[id].operands[0])
    return Matrix(value: value, constant: tensor, name: name, isDequantized: true)
  }
}
