import IR

let onnxActivationOperators: [ONNXOperator] = [
  ONNXOperator("Relu", since: 6, inputs: 1) { node, graph in
    var clamp = Clamp()
    clamp.minimum = 0
    return [try graph.emit(clamp, [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("Clip", since: 6, inputs: 1...3, importClip),
  unary("Sigmoid", since: 6) { _ in Sigmoid() },
  unary("Tanh", since: 6) { _ in Tanh() },
  unary("Erf", since: 9) { _ in ErrorFunction() },
  unary("Exp", since: 6) { _ in Exponential() },
  unary("Log", since: 6) { _ in Logarithm() },
  unary("Sqrt", since: 6) { _ in SquareRoot() },
  ONNXOperator("Neg", since: 6, inputs: 1) { node, graph in
    let x = try graph.plain(try node.input(0))
    return [try Expression(graph, graph.type(x).element).negated(x)]
  },
  ONNXOperator("Abs", since: 6, inputs: 1) { node, graph in
    let x = try graph.plain(try node.input(0))
    return [try Expression(graph, graph.type(x).element).magnitude(x)]
  },
  unary("Reciprocal", since: 6) { _ in Reciprocal() },
  unary("Floor", since: 6) { _ in Floor() },
  unary("Ceil", since: 6) { _ in Ceil() },
  unary("HardSwish", since: 14) { _ in HardSwish() },
  unary("Softplus") { _ in Softplus() },
  unary("LeakyRelu", since: 6) { node in
    var operation = LeakyRelu()
    operation.alpha = try node.attributes.float("alpha", default: 0.01)
    return operation
  },
  unary("Elu", since: 6) { node in
    var operation = Elu()
    operation.alpha = try node.attributes.float("alpha", default: 1)
    return operation
  },
  unary("HardSigmoid", since: 6) { node in
    var operation = HardSigmoid()
    operation.alpha = try node.attributes.float("alpha", default: 0.2)
    operation.beta = try node.attributes.float("beta", default: 0.5)
    return operation
  },
  ONNXOperator("PRelu", inputs: 2) { node, graph in
    var operands = try node.allInputs().map { try graph.plain($0) }
    let (shape, slope) = (graph.shape(operands[0]), graph.shape(operands[1]))
    if node.opset < 7, slope.rank == 1, slope != [1], shape.rank > 2 {
      // Before opset 7 a slope per channel needed no axes behind it.
      let spread = slope.dimensions + [Int](repeating: 1, count: shape.rank - 2)
      operands[1] = try graph.reshape(operands[1], spread)
    }
    return [try graph.emit(Prelu(), operands)]
  },
  ONNXOperator("Gelu", since: 20, inputs: 1, importGelu),
]

/// One operand, the result of its shape.
private func unary(
  _ name: String, since: Int = 1,
  _ make: @escaping @Sendable (SourceNodeReader) throws -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, since: since, inputs: 1) { node, graph in
    [try graph.emit(try make(node), [try graph.plain(try node.input(0))])]
  }
}

/// Bounds are attributes before opset 11 and inputs from then on.
@Sendable private func importClip(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let element = graph.type(x).element
  if node.opset < 11 {
    var clamp = Clamp()
    clamp.minimum = try node.attributes.float("min", default: -.infinity)
    clamp.maximum = try node.attributes.float("max", default: .infinity)
    return [try graph.emit(clamp, [x])]
  }
  let (low, high) = (node.optional(1), node.optional(2))
  let bounds = [low, high].map { $0.flatMap { graph.constant($0) } }
  let isConstant = (low == nil || bounds[0] != nil) && (high == nil || bounds[1] != nil)
  if element == .f32 && isConstant {
    var clamp = Clamp()
    clamp.minimum = try low.map { try graph.float($0, "min") } ?? -.infinity
    clamp.maximum = try high.map { try graph.float($0, "max") } ?? .infinity
    if clamp.minimum <= clamp.maximum { return [try graph.emit(clamp, [x])] }
  }
  // Wide integers do not fit the clamp's float bounds, and of crossed bounds the upper one wins.
  let raised = try low.map { try graph.emit(Maximum(), [x, $0]) } ?? x
  return [try high.map { try graph.emit(Minimum(), [raised, $0]) } ?? raised]
}

/// `approximate = "tanh"`: `x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`. Source: ONNX `Gelu`.
@Sendable private func importGelu(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  switch try node.attributes.string("approximate") ?? "none" {
  case "none": return [try graph.emit(Gelu(), [x])]
  case "tanh": break
  case let other: throw node.invalid("approximate '\(other)' is not known")
  }
  let element = graph.type(x).element
  let square = try graph.emit(Multiply(), [x, x])
  let cube = try graph.emit(Multiply(), [square, x])
  let term = try graph.emit(Multiply(), [cube, graph.scalar(0.044715, element)])
  let sum = try graph.emit(Add(), [x, term])
  let scaled = try graph.emit(Multiply(), [sum, graph.scalar(0.7978845608028654, element)])
  let tanh = try graph.emit(Tanh(), [scaled])
  let gate = try graph.emit(Add(), [tanh, graph.scalar(1, element)])
  let half = try graph.emit(Multiply(), [x, graph.scalar(0.5, element)])
  return [try graph.emit(Multiply(), [half, gate])]
}
