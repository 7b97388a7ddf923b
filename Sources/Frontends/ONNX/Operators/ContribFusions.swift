import IR

// Operators of com.microsoft that graph optimisers make by joining ONNX's own.
// Source: ONNX Runtime, `docs/ContribOperators.md`.

private let ms = ONNXOperator.microsoft

let contribFusionOperators: [ONNXOperator] = [
  ONNXOperator("FusedConv", inputs: 2...4, domain: ms, importFusedConv),
  ONNXOperator("FusedGemm", inputs: 2...3, domain: ms, importFusedGemm),
  ONNXOperator("FusedMatMul", inputs: 2, domain: ms, importFusedMatMul),
  ONNXOperator("TransposeMatMul", inputs: 2, domain: ms, importFusedMatMul),
  ONNXOperator("Gelu", inputs: 1, domain: ms) { node, graph in
    [try graph.emit(Gelu(), [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("BiasGelu", inputs: 2, domain: ms) { node, graph in
    [try graph.emit(Gelu(), [try biased(node, graph)])]
  },
  ONNXOperator("FastGelu", inputs: 1...2, domain: ms) { node, graph in
    [try graph.tanhGelu(try biased(node, graph))]
  },
  ONNXOperator("QuickGelu", inputs: 1, domain: ms) { node, graph in
    let x = try graph.plain(try node.input(0))
    let alpha = try node.attributes.float("alpha", default: 1.702)
    return [try Expression(graph, graph.type(x).element).swish(x, alpha)]
  },
  ONNXOperator("BiasAdd", inputs: 3, domain: ms) { node, graph in
    let x = try biased(node, graph)
    return [try graph.emit(Add(), [x, try graph.plain(try node.input(2))])]
  },
  ONNXOperator("BiasSplitGelu", inputs: 2, domain: ms, importBiasSplitGelu),
  ONNXOperator("BiasDropout", inputs: 2...5, domain: ms, importBiasDropout),
  ONNXOperator("ConvTransposeWithDynamicPads", inputs: 2...4, domain: ms, importDynamicPads),
  ONNXOperator("NhwcConv", inputs: 2...3, domain: ms, importChannelsLastConv),
  ONNXOperator("NhwcFusedConv", inputs: 2...4, domain: ms, importChannelsLastConv),
  ONNXOperator("NhwcMaxPool", inputs: 1, domain: ms) { node, graph in
    let x = try graph.channelsFirst(try node.input(0))
    let result = try node.imported(as: "MaxPool", [x], graph)[0]
    return [try graph.channelsLast(result)]
  },
]

/// The operand plus a bias where there is one.
private func biased(_ node: SourceNodeReader, _ graph: GraphBuilder) throws -> Value {
  let x = try graph.plain(try node.input(0))
  guard let bias = node.optional(1) else { return x }
  return try graph.emit(Add(), [x, try graph.plain(bias)])
}

private func fusedActivation(_ node: SourceNodeReader) throws -> FusedActivation {
  FusedActivation(
    name: try node.attributes.string("activation") ?? "",
    parameters: try node.attributes.floats("activation_params") ?? [])
}

/// `activation(conv(x, w) + b + z)`.
@Sendable private func importFusedConv(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let inputs = [try node.input(0), try node.input(1), node.optional(2)]
  var result = try node.imported(as: "Conv", inputs, graph)[0]
  let e = Expression(graph, graph.type(result).element)
  if let other = node.optional(3) { result = try e.add(result, try graph.plain(other)) }
  return [try fusedActivation(node).apply(node, e, result)]
}

/// Images and results are NHWC, weights OIHW for `NhwcConv` and `NhwcFusedConv` alike.
@Sendable private func importChannelsLastConv(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.channelsFirst(try node.input(0))
  var result = try node.imported(as: "Conv", [x, try node.input(1), node.optional(2)], graph)[0]
  result = try graph.channelsLast(result)
  let e = Expression(graph, graph.type(result).element)
  if let other = node.optional(3) { result = try e.add(result, try graph.plain(other)) }
  return [try fusedActivation(node).apply(node, e, result)]
}

@Sendable private func importFusedGemm(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let result = try node.imported(
    as: "Gemm", [try node.input(0), try node.input(1), node.optional(2)], graph)[0]
  let parameters = try ["activation_alpha", "activation_beta", "activation_gamma"]
    .compactMap { try node.attributes.float($0) }
  let activation = FusedActivation(
    name: try node.attributes.string("activation") ?? "", parameters: parameters)
  return [try activation.apply(node, Expression(graph, graph.type(result).element), result)]
}

/// `α · A′ · B′`; `transBatchA` moves the first axis in front of the last.
@Sendable private func importFusedMatMul(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  func operand(_ index: Int, _ suffix: String) throws -> Value {
    var x = try graph.plain(try node.input(index))
    let rank = graph.shape(x).rank
    guard rank >= 2 else {
      _ = try attributes.flag("trans" + suffix)
      _ = try attributes.flag("transBatch" + suffix)
      return x
    }
    if try attributes.flag("transBatch" + suffix), rank > 2 {
      x = try graph.transpose(x, Array(1..<(rank - 1)) + [0, rank - 1])
    }
    guard try attributes.flag("trans" + suffix) else { return x }
    return try graph.transposeParameter(x, Array(0..<(rank - 2)) + [rank - 1, rank - 2])
  }
  let result = try node.imported(as: "MatMul", [try operand(0, "A"), try operand(1, "B")], graph)
  let alpha = try attributes.float("alpha", default: 1)
  guard alpha != 1 else { return result }
  let e = Expression(graph, graph.type(result[0]).element)
  return [try e.multiply(result[0], e.number(Double(alpha)))]
}

/// The first half of the biased channels times the Gelu of the second.
@Sendable private func importBiasSplitGelu(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try biased(node, graph)
  let shape = try graph.staticShape(x, "the operand")
  guard let last = shape.dimensions.last, last % 2 == 0 else {
    throw node.invalid("cannot halve \(shape)")
  }
  let halves = try [0, last / 2].map { start -> Value in
    var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
    slice.start[shape.rank - 1] = start
    slice.size[shape.rank - 1] = last / 2
    return try graph.slice(x, slice, node)
  }
  let gate = try graph.emit(Gelu(), [halves[1]])
  return [try graph.emit(Multiply(), [halves[0], gate])]
}

/// Without training a sum.
@Sendable private func importBiasDropout(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let sum = try biased(node, graph)
  _ = try node.attributes.int("seed")
  let dropped = try node.imported(
    as: "Dropout", [sum, node.optional(3), node.optional(4)], graph, outputs: 2)
  guard let residual = node.optional(2) else { return dropped }
  return [try graph.emit(Add(), [dropped[0], try graph.plain(residual)])] + dropped.dropFirst()
}

/// A `ConvTranspose` whose pads are an input.
@Sendable private func importDynamicPads(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let inputs = [try node.input(0), try node.input(1), node.optional(3)]
  guard let pads = try graph.optionalIntegers(node.optional(2), "the pads") else {
    return try node.imported(as: "ConvTranspose", inputs, graph)
  }
  let result = try node.imported(as: "ConvTranspose", inputs, graph)[0]
  let axes = graph.shape(result).rank - 2
  guard pads.count == 2 * axes, pads.allSatisfy({ (0...(1 << 24)).contains($0) }) else {
    throw node.invalid("pads \(pads) do not fit \(axes) spatial axes")
  }
  // Padding a transposed convolution cuts its result.
  return [
    try graph.emit(
      Pad(before: [0, 0] + pads[..<axes].map { -$0 }, after: [0, 0] + pads[axes...].map { -$0 }),
      [result])
  ]
}
