import IR

// Operators on quantised tensors with their parameters as inputs: ONNX's QLinearConv and
// QLinearMatMul, and those that ONNX Runtime adds (`docs/ContribOperators.md`).

private let ms = ONNXOperator.microsoft

let onnxQuantizedOperators: [ONNXOperator] = [
  ONNXOperator("QLinearConv", since: 10, inputs: 8...9, importConv),
  ONNXOperator("QLinearMatMul", since: 10, inputs: 8, importMatMul),
  ONNXOperator("QGemm", inputs: 6...9, domain: ms, importGemm),
  ONNXOperator("QLinearAdd", inputs: 7...8, domain: ms) { node, graph in
    var operation = Add()
    operation.rounding = .floatEven
    return [try binary(node, graph, operation)]
  },
  ONNXOperator("QLinearMul", inputs: 7...8, domain: ms) { node, graph in
    var operation = Multiply()
    operation.rounding = .floatEven
    return [try binary(node, graph, operation)]
  },
  ONNXOperator("QLinearGlobalAveragePool", inputs: 5, domain: ms, importGlobalAveragePool),
  ONNXOperator("QLinearAveragePool", inputs: 4...5, domain: ms, importAveragePool),
  ONNXOperator("QLinearConcat", inputs: 5...Int.max, domain: ms, importConcat),
  ONNXOperator("QLinearSigmoid", inputs: 4...5, domain: ms) { node, graph in
    [try unary(node, graph, Sigmoid())]
  },
  ONNXOperator("QLinearLeakyRelu", inputs: 4...5, domain: ms) { node, graph in
    var operation = LeakyRelu()
    operation.alpha = try node.attributes.float("alpha", default: 0.01)
    return [try unary(node, graph, operation)]
  },
]

extension SourceNodeReader {
  /// The tensor at `index` under the scale and zero point that follow it.
  fileprivate func quantized(
    _ index: Int, _ graph: GraphBuilder, axis: Int? = nil
  ) throws -> Value {
    let value = try input(index)
    let quantization = try graph.quantization(
      self, scale: try input(index + 1), zeroPoint: optional(index + 2), axis: axis)
    return try graph.quantized(value, quantization)
  }

  /// The result's parameters: scale at `index`, zero point behind it.
  fileprivate func result(_ index: Int, _ graph: GraphBuilder) throws -> Quantization {
    try graph.quantization(self, scale: try input(index), zeroPoint: optional(index + 1))
  }
}

@Sendable private func importConv(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let input = try node.quantized(0, graph)
  let weights = try node.quantized(3, graph, axis: 0)
  let convolution = try ConvolutionImporter(node, graph, input: input, weights: weights)
  return [
    try convolution.emit(
      bias: try node.optional(8).map { try biasSteps($0, graph, input, weights) },
      quantization: try node.result(6, graph), rounding: .floatEven)
  ]
}

/// A bias counts in steps of input scale · weight scale.
private func biasSteps(
  _ bias: Value, _ graph: GraphBuilder, _ input: Value, _ weights: Value
) throws -> Value {
  guard let step = graph.type(input).quantization, let scales = graph.type(weights).quantization
  else { return bias }
  let products = scales.scales.map { $0 * step.scale }
  let quantization = Quantization(
    scales: products, zeroPoints: products.map { _ in 0 }, axis: scales.isPerAxis ? 0 : nil)
  return try graph.quantized(bias, quantization)
}

/// Per-tensor operands multiply as they are; weights with a scale per column become a fully
/// connected layer.
@Sendable private func importMatMul(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let a = try node.quantized(0, graph)
  let rank = graph.shape(try node.input(3)).rank
  let b = try node.quantized(3, graph, axis: rank - 1)
  let quantization = try node.result(6, graph)
  guard graph.type(b).quantization?.isPerAxis == true else {
    var operation = MatMul()
    operation.rounding = .floatEven
    return [try graph.emit(operation, [a, b], quantization: quantization)]
  }
  let left = graph.shape(a)
  guard rank == 2, left.rank >= 2, left[left.rank - 1] == graph.shape(b)[0] else {
    throw node.unsupported("scales per column need a matrix on the right")
  }
  var operation = FullyConnected()
  operation.rounding = .floatEven
  let rows = try graph.reshape(a, [product(left.dimensions.dropLast()), left[left.rank - 1]])
  let result = try graph.emit(
    operation, [rows, try graph.transpose(b, [1, 0])], quantization: quantization)
  return [try graph.reshape(result, left.dimensions.dropLast() + [graph.shape(b)[1]])]
}

@Sendable private func importGemm(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let alpha = try node.attributes.float("alpha", default: 1)
  let transposesB = try node.attributes.flag("transB")
  var a = try node.quantized(0, graph)
  var weights = try node.quantized(3, graph, axis: transposesB ? 0 : 1)
  guard graph.shape(a).rank == 2, graph.shape(weights).rank == 2 else {
    throw node.invalid("needs two matrices")
  }
  if try node.attributes.flag("transA") { a = try graph.transpose(a, [1, 0]) }
  if !transposesB { weights = try graph.transpose(weights, [1, 0]) }
  if alpha != 1, var steps = graph.type(weights).quantization {
    steps.scales = steps.scales.map { $0 * alpha }
    weights = try graph.quantized(weights, steps)
  }
  var bias = node.optional(6)
  if let c = bias {
    let outputs = graph.shape(weights)[0]
    guard graph.shape(c).checkedCount == outputs else {
      throw node.unsupported("a C of shape \(graph.shape(c)) is not supported, only one value per column")
    }
    bias = try biasSteps(try graph.reshape(c, [outputs]), graph, a, weights)
  }
  var operation = FullyConnected()
  operation.rounding = .floatEven
  var operands = [a, weights] + (bias.map { [$0] } ?? [])
  guard node.optional(7) != nil else {
    // Without parameters for the result it is float.
    operands = try operands.map { try graph.emit(Dequantize(), [$0], folds: false) }
    return [try graph.emit(FullyConnected(), operands)]
  }
  return [try graph.emit(operation, operands, quantization: try node.result(7, graph))]
}

private func binary(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ operation: any Operation
) throws -> Value {
  try graph.emit(
    operation, [try node.quantized(0, graph), try node.quantized(3, graph)],
    quantization: try node.result(6, graph))
}

private func unary(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ operation: any Operation
) throws -> Value {
  try graph.emit(
    operation, [try node.quantized(0, graph)], quantization: try node.result(3, graph))
}

@Sendable private func importGlobalAveragePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard try !node.attributes.flag("channels_last") else {
    throw node.unsupported("channels_last is not supported")
  }
  let x = try node.quantized(0, graph)
  let quantization = try node.result(3, graph)
  return [
    try reduceSpatial(node, graph, x, quantization: quantization) { axes in
      var mean = ReduceMean()
      mean.axes = axes
      mean.rounding = .floatEven
      return mean
    }
  ]
}

@Sendable private func importAveragePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard try !node.attributes.flag("channels_last") else {
    throw node.unsupported("channels_last is not supported")
  }
  // The mean is rounded once, to the result's steps, so it is taken in reals.
  let real = try graph.emit(Dequantize(), [try node.quantized(0, graph)])
  let image = try averagePool(node, graph, real)
  let mean = try graph.imageFirst(image, rank: graph.shape(real).rank)
  let element = graph.type(try node.input(0)).element
  return [
    try graph.emit(
      Quantize(to: element, ties: .even), [mean], quantization: try node.result(3, graph))
  ]
}

@Sendable private func importConcat(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard let axis = try node.attributes.int("axis") else { throw node.invalid("needs an axis") }
  let quantization = try node.result(0, graph)
  guard node.inputs.count % 3 == 2 else { throw node.invalid("needs three inputs per operand") }
  let operands = try stride(from: 2, to: node.inputs.count, by: 3).map { index -> Value in
    let operand = try node.quantized(index, graph)
    if graph.type(operand).quantization == quantization { return operand }
    let element = graph.type(operand).element
    return try graph.emit(
      Rescale(to: element, rounding: .floatEven), [operand], quantization: quantization)
  }
  return [try graph.emit(Concat(axis: axis), operands)]
}
