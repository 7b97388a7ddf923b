import IR

let onnxProductOperators: [ONNXOperator] = [
  ONNXOperator("Gemm", inputs: 2...3, importGemm),
  ONNXOperator("MatMul", inputs: 2, importMatMul),
]

/// `α · A′ · B′ + β · C`.
@Sendable private func importGemm(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let alpha = try attributes.float("alpha", default: 1)
  let beta = try attributes.float("beta", default: 1)
  if node.opset < 7 { _ = try attributes.flag("broadcast") }
  let (transposesA, transposesB) = (try attributes.flag("transA"), try attributes.flag("transB"))
  var a = try graph.plain(try node.input(0))
  var b = try node.input(1)
  guard graph.shape(a).rank == 2, graph.shape(b).rank == 2 else {
    throw node.invalid("needs two matrices, not \(graph.type(a)) and \(graph.type(b))")
  }
  if transposesA { a = try graph.transpose(a, [1, 0]) }
  let element = graph.type(a).element
  guard element.isFloat, graph.shape(b).isStatic else {
    if transposesB { b = try graph.transpose(b, [1, 0]) }
    let product = try graph.emit(MatMul(), [a, try graph.plain(b)])
    return [try addScaled(node, graph, try scaled(graph, product, alpha), beta)]
  }
  var weights = transposesB ? b : try graph.transposeParameter(b, [1, 0])
  if alpha != 1 { weights = try scaled(graph, weights, alpha) }
  if let c = node.optional(2), beta == 1, let bias = try biasVector(graph, c, graph.shape(weights)[0]) {
    return [try graph.emit(FullyConnected(), [a, weights, bias])]
  }
  return [try addScaled(node, graph, try graph.emit(FullyConnected(), [a, weights]), beta)]
}

/// `C` as one value per output, where it is the same for every row; nil where it is not.
private func biasVector(_ graph: GraphBuilder, _ c: Value, _ outputs: Int) throws -> Value? {
  let shape = graph.shape(c)
  if shape == [outputs] { return c }
  if shape == [1, outputs] { return try graph.reshapeParameter(c, [outputs]) }
  guard shape.checkedCount == 1, graph.constant(c) != nil else { return nil }
  return try graph.broadcast(try graph.reshape(c, [1]), to: [outputs])
}

private func scaled(_ graph: GraphBuilder, _ value: Value, _ factor: Float) throws -> Value {
  guard factor != 1 else { return value }
  return try graph.emit(
    Multiply(), [value, graph.scalar(Double(factor), graph.type(value).element)])
}

private func addScaled(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ product: Value, _ beta: Float
) throws -> Value {
  guard let c = node.optional(2), beta != 0 else { return product }
  return try graph.emit(Add(), [product, try scaled(graph, try graph.plain(c), beta)])
}

/// A constant matrix on the right makes a fully connected layer over the last axis.
@Sendable private func importMatMul(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let (a, b) = (try graph.plain(try node.input(0)), try graph.plain(try node.input(1)))
  let (left, right) = (graph.shape(a), graph.shape(b))
  let isLayer = right.rank == 2 && left.rank >= 2 && graph.isParameter(b)
    && graph.type(a).element.isFloat && left[left.rank - 1] == right[0]
    && left.dimensions.filter { $0 == Shape.unknown }.count <= 1
  guard isLayer else { return [try graph.emit(MatMul(), [a, b])] }
  let weights = try graph.transposeParameter(b, [1, 0])
  if left.rank == 2 { return [try graph.emit(FullyConnected(), [a, weights])] }
  let rows = try graph.reshape(a, [product(left.dimensions.dropLast()), right[0]])
  let result = try graph.emit(FullyConnected(), [rows, weights])
  return [try graph.reshape(result, left.dimensions.dropLast() + [right[1]])]
}

extension GraphBuilder {
  /// Whether `value` is a constant, stored as it is or quantised behind a `dequantize`.
  func isParameter(_ value: Value) -> Bool {
    if constant(value) != nil { return true }
    guard let (id, _) = rewriter.graph.defining(value, as: Dequantize.self) else { return false }
    return rewriter.graph[id].operands.first.flatMap { constant($0) } != nil
  }
}
