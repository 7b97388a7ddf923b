import IR

let onnxRandomOperators: [ONNXOperator] = [
  ONNXOperator("RandomUniform", inputs: 0) { node, graph in
    var operation = try uniform(node, graph)
    operation.shape = try node.attributes.ints("shape") ?? []
    return [try graph.emit(operation, [])]
  },
  ONNXOperator("RandomNormal", inputs: 0) { node, graph in
    var operation = try normal(node, graph)
    operation.shape = try node.attributes.ints("shape") ?? []
    return [try graph.emit(operation, [])]
  },
  ONNXOperator("RandomUniformLike", inputs: 1) { node, graph in
    let x = try graph.plain(try node.input(0))
    return [try graph.emit(try uniform(node, graph, like: x), [x])]
  },
  ONNXOperator("RandomNormalLike", inputs: 1) { node, graph in
    let x = try graph.plain(try node.input(0))
    return [try graph.emit(try normal(node, graph, like: x), [x])]
  },
  ONNXOperator("Bernoulli", since: 15, inputs: 1, importBernoulli),
  ONNXOperator("Multinomial", since: 7, inputs: 1, importMultinomial),
]

/// The seed that a node states, else one of its own, made of its name.
private func seed(_ node: SourceNodeReader, _ graph: GraphBuilder) throws -> Int {
  if let stated = try node.attributes.float("seed") { return Int(stated.bitPattern) }
  // FNV-1a.
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in graph.location.summary.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return Int(truncatingIfNeeded: hash)
}

private func element(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ model: Value?
) throws -> ElementType {
  if let stated = try node.attributes.elementType("dtype") { return stated }
  return model.map { graph.type($0).element } ?? .f32
}

private func uniform(
  _ node: SourceNodeReader, _ graph: GraphBuilder, like model: Value? = nil
) throws -> RandomUniform {
  var operation = RandomUniform()
  operation.element = try element(node, graph, model)
  operation.low = try node.attributes.float("low", default: 0)
  operation.high = try node.attributes.float("high", default: 1)
  operation.seed = try seed(node, graph)
  return operation
}

private func normal(
  _ node: SourceNodeReader, _ graph: GraphBuilder, like model: Value? = nil
) throws -> RandomNormal {
  var operation = RandomNormal()
  operation.element = try element(node, graph, model)
  operation.mean = try node.attributes.float("mean", default: 0)
  operation.deviation = try node.attributes.float("scale", default: 1)
  operation.seed = try seed(node, graph)
  return operation
}

/// 1 where a number evenly drawn from 0 … 1 is below the probability.
@Sendable private func importBernoulli(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let result = try element(node, graph, x)
  var operation = RandomUniform()
  operation.element = graph.type(x).element == .f64 ? .f64 : .f32
  operation.seed = try seed(node, graph)
  let drawn = try graph.emit(operation, [x])
  let chance = try graph.emit(Cast(to: operation.element), [x])
  let isHit = try graph.emit(Less(), [drawn, chance])
  return [try graph.emit(Cast(to: result), [isHit])]
}

/// Counts the classes whose cumulative probability a drawn number reaches.
@Sendable private func importMultinomial(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let logits = try graph.emit(Cast(to: .f64), [try graph.plain(try node.input(0))])
  let shape = try graph.staticShape(logits, "the operand")
  let samples = try node.attributes.int("sample_size", default: 1)
  guard shape.rank == 2, shape[1] >= 1, (1...(1 << 24)).contains(samples) else {
    throw node.invalid("cannot draw \(samples) samples of classes \(shape)")
  }
  let result = try node.attributes.elementType("dtype") ?? .i32
  guard result == .i32 || result == .i64 else {
    throw node.invalid("gives int32 or int64, not \(result)")
  }
  var cumulation = CumulativeSum()
  cumulation.axis = 1
  let chances = try graph.emit(Softmax(axis: 1), [logits])
  let bounds = try graph.reshape(
    try graph.emit(cumulation, [chances]), [shape[0], 1, shape[1]])
  var operation = RandomUniform()
  operation.shape = [shape[0], samples, 1]
  operation.element = .f64
  operation.seed = try seed(node, graph)
  let drawn = try graph.emit(operation, [])
  // The last bound is 1 up to rounding: it is left out, so that no class beyond it is counted.
  let inner = try graph.slice(
    bounds, Slice(start: [0, 0, 0], size: [shape[0], 1, shape[1] - 1]), node)
  let isReached = try graph.emit(Cast(to: .i64), [try graph.emit(LessOrEqual(), [inner, drawn])])
  var count = ReduceSum()
  count.axes = [2]
  count.keepDimensions = false
  return [try graph.emit(Cast(to: result), [try graph.emit(count, [isReached])])]
}
