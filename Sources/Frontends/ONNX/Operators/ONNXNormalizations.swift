import IR

let onnxNormalizationOperators: [ONNXOperator] = [
  ONNXOperator("LayerNormalization", since: 17, inputs: 2...3, importLayerNormalization),
  ONNXOperator("Softmax", inputs: 1) { node, graph in
    [try overSoftmaxAxis(node, graph) { x, axis in try graph.emit(Softmax(axis: axis), [x]) }]
  },
  ONNXOperator("LogSoftmax", inputs: 1) { node, graph in
    [try overSoftmaxAxis(node, graph) { x, axis in try logSoftmax(graph, x, axis) }]
  },
]

/// Before opset 13 the axes from `axis` on are taken as one.
func overSoftmaxAxis(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ body: (Value, Int) throws -> Value
) throws -> Value {
  let x = try graph.plain(try node.input(0))
  let shape = graph.shape(x)
  let isOld = node.opset < 13
  let axis = try normalized(
    [try node.attributes.int("axis", default: isOld ? 1 : -1)], rank: shape.rank, node)[0]
  if !isOld || axis == shape.rank - 1 { return try body(x, axis) }
  let matrix = try graph.reshape(
    x, [product(shape.dimensions[..<axis]), product(shape.dimensions[axis...])])
  return try graph.reshape(try body(matrix, 1), shape.dimensions)
}

/// `x − max − log Σ exp(x − max)`.
func logSoftmax(_ graph: GraphBuilder, _ x: Value, _ axis: Int) throws -> Value {
  var largest = ReduceMax()
  largest.axes = [axis]
  var sum = ReduceSum()
  sum.axes = [axis]
  let centred = try graph.emit(Subtract(), [x, try graph.emit(largest, [x])])
  let total = try graph.emit(sum, [try graph.emit(Exponential(), [centred])])
  return try graph.emit(Subtract(), [centred, try graph.emit(Logarithm(), [total])])
}

@Sendable private func importLayerNormalization(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  _ = try node.attributes.int("stash_type")
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  let axis = try normalized(
    [try node.attributes.int("axis", default: -1)], rank: rank, node)[0]
  var operation = LayerNorm()
  operation.axis = axis - rank
  operation.epsilon = try node.attributes.float("epsilon", default: 1e-5)
  let scale = try graph.plain(try node.input(1))
  let bias = try node.optional(2).map { try graph.plain($0) }
  let result = try graph.emit(operation, [x, scale] + (bias.map { [$0] } ?? []))
  guard node.wants(output: 1) || node.wants(output: 2) else { return [result] }
  let statistics = try moments(graph, x, Array(axis..<rank), operation.epsilon)
  return [result, statistics.mean, statistics.inverseDeviation]
}

/// The mean over `axes` and `1/√(variance + ε)`, axes kept.
private func moments(
  _ graph: GraphBuilder, _ x: Value, _ axes: [Int], _ epsilon: Float
) throws -> (mean: Value, inverseDeviation: Value) {
  var operation = ReduceMean()
  operation.axes = axes
  let mean = try graph.emit(operation, [x])
  let centred = try graph.emit(Subtract(), [x, mean])
  let variance = try graph.emit(operation, [try graph.emit(Multiply(), [centred, centred])])
  let shifted = try graph.emit(
    Add(), [variance, graph.scalar(Double(epsilon), graph.type(x).element)])
  return (mean, try graph.emit(ReciprocalSquareRoot(), [shifted]))
}
