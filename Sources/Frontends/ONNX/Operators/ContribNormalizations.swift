import IR

// Normalisations of com.microsoft, as transformer exporters write them.
// Source: ONNX Runtime, `docs/ContribOperators.md`.

private let ms = ONNXOperator.microsoft

let contribNormalizationOperators: [ONNXOperator] = [
  ONNXOperator("SkipLayerNormalization", inputs: 3...5, domain: ms) { node, graph in
    let sum = try skipped(node, graph, bias: 4)
    let result = try layerNorm(
      graph, sum, try node.input(2), node.optional(3), try epsilon(node, 1e-12))
    return result + [sum]
  },
  ONNXOperator("SkipSimplifiedLayerNormalization", inputs: 3...4, domain: ms) { node, graph in
    guard !node.wants(output: 1) else { throw node.unsupported("it takes no mean away") }
    let sum = try skipped(node, graph, bias: 3)
    let result = try rootMeanSquare(
      graph, sum, try node.input(2), axis: -1, try epsilon(node, 1e-12), node)
    // The second place is the mean's, which nobody reads here.
    return [result[0], result[1], result[1], sum]
  },
  // Written into ONNX's own domain by ONNX Runtime, though ONNX does not have it.
  ONNXOperator("SimplifiedLayerNormalization", inputs: 2, importSimplified),
  ONNXOperator("SimplifiedLayerNormalization", inputs: 2, domain: ms, importSimplified),
  ONNXOperator("LayerNormalization", inputs: 2...3, domain: ms) { node, graph in
    try node.imported(
      as: "LayerNormalization", [try node.input(0), try node.input(1), node.optional(2)], graph,
      outputs: 3)
  },
  ONNXOperator("EmbedLayerNormalization", inputs: 1...9, domain: ms, importEmbedding),
  ONNXOperator("GroupNorm", inputs: 3, domain: ms) { node, graph in
    [try groupNorm(node, graph, try graph.plain(try node.input(0)))]
  },
  ONNXOperator("SkipGroupNorm", inputs: 4...5, domain: ms, importSkipGroupNorm),
]

private func epsilon(_ node: SourceNodeReader, _ fallback: Float) throws -> Float {
  try node.attributes.float("epsilon", default: fallback)
}

/// input + skip (+ bias).
private func skipped(
  _ node: SourceNodeReader, _ graph: GraphBuilder, bias index: Int
) throws -> Value {
  let x = try graph.plain(try node.input(0))
  let sum = try graph.emit(Add(), [x, try graph.plain(try node.input(1))])
  guard let bias = node.optional(index) else { return sum }
  return try graph.emit(Add(), [sum, try graph.plain(bias)])
}

/// Result, mean and inverse deviation over the last axis.
private func layerNorm(
  _ graph: GraphBuilder, _ x: Value, _ scale: Value, _ bias: Value?, _ epsilon: Float
) throws -> [Value] {
  var operation = LayerNorm()
  operation.axis = -1
  operation.epsilon = epsilon
  let parameters = try [scale] + (bias.map { [$0] } ?? [])
  let result = try graph.emit(operation, [x] + parameters.map { try graph.plain($0) })
  let e = Expression(graph, graph.type(x).element)
  let mean = try e.mean(x, [-1])
  let centred = try e.subtract(x, mean)
  let variance = try e.mean(try e.multiply(centred, centred), [-1])
  let inverse = try e.unary(
    ReciprocalSquareRoot(), try e.add(variance, e.number(Double(epsilon))))
  return [result, mean, inverse]
}

/// `x / √(mean x² + ε) · scale` over the axes from `axis` on, and the factor.
private func rootMeanSquare(
  _ graph: GraphBuilder, _ x: Value, _ scale: Value, axis: Int, _ epsilon: Float,
  _ node: SourceNodeReader
) throws -> [Value] {
  let rank = graph.shape(x).rank
  let first = try normalized([axis], rank: rank, node)[0]
  let element = graph.type(x).element
  let wide: ElementType = element == .f64 ? .f64 : .f32
  let e = Expression(graph, wide)
  let real = element == wide ? x : try graph.emit(Cast(to: wide), [x])
  let square = try e.mean(try e.multiply(real, real), Array(first..<rank))
  let factor = try e.unary(
    ReciprocalSquareRoot(), try e.add(square, e.number(Double(epsilon))))
  let wideScale = try graph.emit(Cast(to: wide), [try graph.plain(scale)])
  let result = try e.multiply(try e.multiply(real, factor), wideScale)
  return [element == wide ? result : try graph.emit(Cast(to: element), [result]), factor]
}

@Sendable private func importSimplified(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  _ = try node.attributes.int("stash_type")
  let x = try graph.plain(try node.input(0))
  return try rootMeanSquare(
    graph, x, try node.input(1), axis: try node.attributes.int("axis", default: -1),
    try epsilon(node, 1e-5), node)
}

/// Word, position and segment embeddings added up and normalised; the second result is the number
/// of tokens that the mask keeps in each row.
@Sendable private func importEmbedding(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let tokens = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(tokens, "the tokens")
  guard shape.rank == 2, shape[1] <= 1 << 20 else {
    throw node.invalid("needs tokens [batch, length], not \(shape)")
  }
  func rows(_ table: Int, _ indices: Value) throws -> Value {
    try graph.emit(Gather(axis: 0), [try graph.plain(try node.input(table)), indices])
  }
  let positions = try node.optional(8).map { try graph.plain($0) }
    ?? graph.constant(
      Tensor(integers: Array(0..<shape[1])).reinterpreted(as: TensorType(.i64, [1, shape[1]])))
  var sum = try graph.emit(Add(), [try rows(2, tokens), try rows(3, positions)])
  if let segments = node.optional(1), node.optional(4) != nil {
    sum = try graph.emit(Add(), [sum, try rows(4, try graph.plain(segments))])
  }
  let normal = try layerNorm(
    graph, sum, try node.input(5), try node.input(6), try epsilon(node, 1e-12))[0]
  _ = try node.attributes.int("mask_index_type")
  let mask: Value
  if let given = node.optional(7) {
    var count = ReduceSum()
    count.axes = [1]
    count.keepDimensions = false
    mask = try graph.emit(count, [try graph.emit(Cast(to: .i32), [try graph.plain(given)])])
  } else {
    mask = graph.constant(
      Tensor.from(integers: [Int](repeating: 0, count: shape[0]), .i32, [shape[0]]))
  }
  return [normal, mask, sum]
}

/// Groups of channels normalised over all places, then perhaps a swish.
private func groupNorm(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value
) throws -> Value {
  let isLast = try node.attributes.flag("channels_last", default: true)
  let image = isLast ? try graph.channelsFirst(x) : x
  let shape = try graph.staticShape(image, "the operand")
  guard let groups = try node.attributes.int("groups"), shape.rank >= 3, groups >= 1,
    shape[1] % groups == 0
  else { throw node.invalid("cannot group the channels of \(shape)") }
  let e = Expression(graph, graph.type(x).element)
  let grouped = try graph.reshape(
    image, [shape[0], groups, shape[1] / groups] + shape.dimensions.dropFirst(2))
  let normal = try graph.reshape(
    try e.normalized(grouped, Array(2...shape.rank), Double(try epsilon(node, 1e-5))),
    shape.dimensions)
  func channels(_ index: Int) throws -> Value {
    let value = try graph.emit(Cast(to: e.element), [try graph.plain(try node.input(index))])
    return try graph.reshape(value, [shape[1]] + [Int](repeating: 1, count: shape.rank - 2))
  }
  var result = try e.add(try e.multiply(normal, try channels(1)), try channels(2))
  switch try node.attributes.int("activation", default: 0) {
  case 0: break
  case 1: result = try e.swish(result, 1)
  case let other: throw node.invalid("activation \(other) is not known")
  }
  return isLast ? try graph.channelsLast(result) : result
}

/// The sum of both operands and the bias, and its group normalisation.
@Sendable private func importSkipGroupNorm(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  var skip = try graph.plain(try node.input(3))
  let shape = try graph.staticShape(x, "the operand")
  let isLast = try node.attributes.flag("channels_last", default: true)
  if graph.shape(skip).rank == 2 {
    let own = graph.shape(skip).dimensions
    skip = try graph.reshape(skip, isLast ? [own[0], 1, 1, own[1]] : own + [1, 1])
  }
  var sum = try graph.emit(Add(), [x, skip])
  if let bias = node.optional(4) {
    let channels = isLast ? [shape[shape.rank - 1]] : [shape[1], 1, 1]
    sum = try graph.emit(Add(), [sum, try graph.reshape(try graph.plain(bias), channels)])
  }
  return [try groupNorm(node, graph, sum), sum]
}
