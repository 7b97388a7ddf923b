import IR

let onnxIntegerOperators: [ONNXOperator] = [
  ONNXOperator("MatMulInteger", since: 10, inputs: 2...4, importMatMulInteger),
  ONNXOperator("ConvInteger", since: 10, inputs: 2...4, importConvInteger),
  ONNXOperator("DynamicQuantizeLinear", since: 11, inputs: 1, importDynamicQuantize),
]

/// Stored integers minus their zero point, as `element`.
private func centred(
  _ graph: GraphBuilder, _ x: Value, _ zeroPoint: Value?, _ element: ElementType,
  _ spread: (Value) throws -> Value = { $0 }
) throws -> Value {
  let wide = try graph.emit(Cast(to: element), [try graph.plain(x)])
  guard let zeroPoint else { return wide }
  let zero = try spread(try graph.emit(Cast(to: element), [try graph.plain(zeroPoint)]))
  return try graph.emit(Subtract(), [wide, zero])
}

@Sendable private func importMatMulInteger(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let a = try centred(graph, try node.input(0), node.optional(2), .i32) { zero in
    // One zero point per row of A.
    guard graph.shape(zero).rank == 1, graph.shape(zero) != [1] else { return zero }
    return try graph.reshape(zero, graph.shape(zero).dimensions + [1])
  }
  let b = try centred(graph, try node.input(1), node.optional(3), .i32)
  return [try graph.emit(MatMul(), [a, b])]
}

/// In `f64`, which holds every sum of products of bytes exactly.
@Sendable private func importConvInteger(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let input = try centred(graph, try node.input(0), node.optional(2), .f64)
  let weights = try centred(graph, try node.input(1), node.optional(3), .f64) { zero in
    guard graph.shape(zero).rank == 1, graph.shape(zero) != [1] else { return zero }
    let rank = graph.shape(try node.input(1)).rank
    return try graph.reshape(
      zero, graph.shape(zero).dimensions + [Int](repeating: 1, count: rank - 1))
  }
  let convolution = try ConvolutionImporter(node, graph, input: input, weights: weights)
  let sums = try convolution.emit(bias: nil, quantization: nil, rounding: .single)
  return [try graph.emit(Cast(to: .i32), [sums])]
}

/// Scale and zero point from the values' own range, which always holds 0.
@Sendable private func importDynamicQuantize(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let e = Expression(graph, .f32)
  let axes = Array(0..<graph.shape(x).rank)
  var largest = ReduceMax()
  largest.axes = axes
  largest.keepDimensions = false
  var smallest = ReduceMin()
  smallest.axes = axes
  smallest.keepDimensions = false
  let top = try e.binary(Maximum(), try e.unary(largest, x), e.number(0))
  let bottom = try e.binary(Minimum(), try e.unary(smallest, x), e.number(0))
  let scale = try e.divide(try e.subtract(top, bottom), e.number(255))
  var bounds = Clamp()
  bounds.minimum = 0
  bounds.maximum = 255
  let zero = try e.unary(
    Round(), try e.unary(bounds, try e.divide(try e.unary(Negate(), bottom), scale)))
  let steps = try e.unary(Round(), try e.divide(x, scale))
  let stored = try e.unary(bounds, try e.add(steps, zero))
  return [
    try graph.emit(Cast(to: .u8), [stored]), scale, try graph.emit(Cast(to: .u8), [zero]),
  ]
}
