import IR

// Normalisations without a core operation of their own, as formulas.

let onnxFormulaNormalizationOperators: [ONNXOperator] = [
  ONNXOperator("InstanceNormalization", since: 6, inputs: 3, importInstanceNormalization),
  ONNXOperator("GroupNormalization", since: 18, inputs: 3, importGroupNormalization),
  ONNXOperator("RMSNormalization", since: 23, inputs: 2, importRMSNormalization),
  ONNXOperator("MeanVarianceNormalization", since: 9, inputs: 1, importMeanVariance),
  ONNXOperator("LpNormalization", inputs: 1, importLpNormalization),
  ONNXOperator("LRN", inputs: 1, importLRN),
]

/// One value per channel, shaped to broadcast over NC….
private func perChannel(_ graph: GraphBuilder, _ value: Value, rank: Int) throws -> Value {
  try graph.reshape(
    try graph.plain(value), graph.shape(value).dimensions + [Int](repeating: 1, count: rank - 2))
}

@Sendable private func importInstanceNormalization(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  guard rank >= 3 else { throw node.invalid("needs at least 3 dimensions") }
  let e = Expression(graph, graph.type(x).element)
  let epsilon = Double(try node.attributes.float("epsilon", default: 1e-5))
  let normal = try e.normalized(x, Array(2..<rank), epsilon)
  let scaled = try e.multiply(normal, try perChannel(graph, try node.input(1), rank: rank))
  return [try e.add(scaled, try perChannel(graph, try node.input(2), rank: rank))]
}

/// Before opset 21 scale and bias come per group, from then on per channel.
@Sendable private func importGroupNormalization(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  _ = try node.attributes.int("stash_type")
  let x = try graph.plain(try node.input(0))
  let shape = graph.shape(x)
  guard let groups = try node.attributes.int("num_groups"), shape.rank >= 3, groups >= 1,
    shape[1] != Shape.unknown, shape[1] % groups == 0
  else { throw node.invalid("cannot group the channels of \(shape)") }
  let e = Expression(graph, graph.type(x).element)
  let epsilon = Double(try node.attributes.float("epsilon", default: 1e-5))
  let grouped = try graph.reshape(
    x, [shape[0], groups, shape[1] / groups] + shape.dimensions.dropFirst(2))
  let normal = try e.normalized(grouped, Array(2...shape.rank), epsilon)
  let (scale, bias) = (try node.input(1), try node.input(2))
  if node.opset < 21 {
    let scaled = try e.multiply(normal, try perChannel(graph, scale, rank: shape.rank + 1))
    let shifted = try e.add(scaled, try perChannel(graph, bias, rank: shape.rank + 1))
    return [try graph.reshape(shifted, shape.dimensions)]
  }
  let back = try graph.reshape(normal, shape.dimensions)
  let scaled = try e.multiply(back, try perChannel(graph, scale, rank: shape.rank))
  return [try e.add(scaled, try perChannel(graph, bias, rank: shape.rank))]
}

/// `x / √(mean x² + ε) · scale`, computed in float32 at least.
@Sendable private func importRMSNormalization(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  _ = try node.attributes.int("stash_type")
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  let axis = try normalized(
    [try node.attributes.int("axis", default: -1)], rank: rank, node)[0]
  let element = graph.type(x).element
  let wide: ElementType = element == .f64 ? .f64 : .f32
  let e = Expression(graph, wide)
  let real = element == wide ? x : try graph.emit(Cast(to: wide), [x])
  let square = try e.mean(try e.multiply(real, real), Array(axis..<rank))
  let epsilon = Double(try node.attributes.float("epsilon", default: 1e-5))
  let factor = try e.unary(ReciprocalSquareRoot(), try e.add(square, e.number(epsilon)))
  let normal = try e.multiply(real, factor)
  let narrow = element == wide ? normal : try graph.emit(Cast(to: element), [normal])
  return [try e.multiply(narrow, try graph.plain(try node.input(1)))]
}

@Sendable private func importMeanVariance(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  let axes = try normalized(try node.attributes.ints("axes") ?? [0, 2, 3], rank: rank, node)
  let e = Expression(graph, graph.type(x).element)
  let centred = try e.subtract(x, try e.mean(x, axes))
  let variance = try e.mean(try e.multiply(centred, centred), axes)
  // The function body in ONNX's definition adds 1e-9 to the deviation.
  let deviation = try e.add(try e.unary(SquareRoot(), variance), e.number(1e-9))
  return [try e.divide(centred, deviation)]
}

@Sendable private func importLpNormalization(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  let axes = try normalized(
    [try node.attributes.int("axis", default: -1)], rank: rank, node)
  let p = try node.attributes.int("p", default: 2)
  let e = Expression(graph, graph.type(x).element)
  let norm: Value
  switch p {
  case 1: norm = try e.sum(try e.unary(Absolute(), x), axes)
  case 2: norm = try e.unary(SquareRoot(), try e.sum(try e.multiply(x, x), axes))
  default: throw node.invalid("p = \(p) is not 1 or 2")
  }
  // A vector of zeros stays one.
  let isZero = try e.binary(Equal(), norm, e.number(0))
  let divisor = try graph.emit(Select(), [isZero, e.number(1), norm])
  return [try e.divide(x, divisor)]
}

/// `x / (bias + α/size · Σ x²)^β`, the sum over `size` neighbouring channels: an average pool along
/// the channels.
@Sendable private func importLRN(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  guard let size = try node.attributes.int("size"), (1...4096).contains(size), shape.rank >= 3 else {
    throw node.invalid("needs a size and at least 3 dimensions")
  }
  let alpha = Double(try node.attributes.float("alpha", default: 1e-4))
  let beta = Double(try node.attributes.float("beta", default: 0.75))
  let bias = Double(try node.attributes.float("bias", default: 1))
  let e = Expression(graph, graph.type(x).element)
  // [N, 1, C, pixels] as NHWC: the window slides along C.
  let pixels = product(shape.dimensions[2...])
  let squares = try graph.reshape(try e.multiply(x, x), [shape[0], 1, shape[1], pixels])
  var pool = AveragePool2D()
  pool.kernel = [1, size]
  pool.pad = [0, 0, (size - 1) / 2, size - 1 - (size - 1) / 2]
  pool.countPadding = true
  let mean = try graph.reshape(try graph.emit(pool, [squares]), shape.dimensions)
  let base = try e.add(try e.multiply(mean, e.number(alpha)), e.number(bias))
  return [try e.divide(x, try e.binary(Power(), base, e.number(beta)))]
}
