import IR

let onnxFunctionOperators: [ONNXOperator] = [
  function("Round", since: 11) { Round() },
  function("Sign", since: 9) { Sign() },
  function("Sin", since: 7) { Sine() },
  function("Cos", since: 7) { Cosine() },
  function("Tan", since: 7) { Tangent() },
  function("Asin", since: 7) { ArcSine() },
  function("Acos", since: 7) { ArcCosine() },
  function("Atan", since: 7) { ArcTangent() },
  function("Sinh", since: 9) { HyperbolicSine() },
  function("Cosh", since: 9) { HyperbolicCosine() },
  function("Asinh", since: 9) { AreaSine() },
  function("Acosh", since: 9) { AreaCosine() },
  function("Atanh", since: 9) { AreaTangent() },
  ONNXOperator("Mod", since: 10, inputs: 2) { node, graph in
    var operation = Modulo()
    operation.truncated = try node.attributes.flag("fmod")
    return [try graph.emit(operation, try node.allInputs().map { try graph.plain($0) })]
  },
  composed("Softsign") { node, e, x in
    try e.divide(x, try e.add(try e.unary(Absolute(), x), e.number(1)))
  },
  composed("Selu", since: 6) { node, e, x in
    let alpha = try node.attributes.float("alpha", default: 1.67326319217681884765625)
    let gamma = try node.attributes.float("gamma", default: 1.05070102214813232421875)
    var elu = Elu()
    elu.alpha = alpha
    return try e.multiply(try e.unary(elu, x), e.number(Double(gamma)))
  },
  composed("Celu", since: 12) { node, e, x in
    let alpha = try node.attributes.float("alpha", default: 1)
    var elu = Elu()
    elu.alpha = alpha
    // α · elu₁(x/α) has the slope 1 above zero that `elu` with α has.
    let scaled = try e.divide(x, e.number(Double(alpha)))
    elu.alpha = 1
    return try e.multiply(try e.unary(elu, scaled), e.number(Double(alpha)))
  },
  composed("ThresholdedRelu", since: 10) { node, e, x in
    let alpha = try node.attributes.float("alpha", default: 1)
    let isAbove = try e.binary(Less(), e.number(Double(alpha)), x)
    return try e.graph.emit(Select(), [isAbove, x, e.number(0)])
  },
  composed("Mish", since: 18) { _, e, x in
    try e.multiply(x, try e.unary(Tanh(), try e.unary(Softplus(), x)))
  },
  composed("Swish", since: 24) { node, e, x in
    try e.swish(x, try node.attributes.float("alpha", default: 1))
  },
  composed("Shrink", since: 9) { node, e, x in
    let bias = Double(try node.attributes.float("bias", default: 0))
    let lambda = Double(try node.attributes.float("lambd", default: 0.5))
    let isBelow = try e.binary(Less(), x, e.number(-lambda))
    let isAbove = try e.binary(Less(), e.number(lambda), x)
    let high = try e.graph.emit(
      Select(), [isAbove, try e.binary(Subtract(), x, e.number(bias)), e.number(0)])
    return try e.graph.emit(Select(), [isBelow, try e.add(x, e.number(bias)), high])
  },
  ONNXOperator("SwiGLU", since: 28, inputs: 2) { node, graph in
    let gate = try graph.plain(try node.input(0))
    let e = Expression(graph, graph.type(gate).element)
    let swish = try e.swish(gate, try node.attributes.float("alpha", default: 1))
    return [try e.multiply(swish, try graph.plain(try node.input(1)))]
  },
]

private func function(
  _ name: String, since: Int, _ make: @escaping @Sendable () -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, since: since, inputs: 1) { node, graph in
    [try graph.emit(make(), [try graph.plain(try node.input(0))])]
  }
}

private func composed(
  _ name: String, since: Int = 1,
  _ body: @escaping @Sendable (SourceNodeReader, Expression, Value) throws -> Value
) -> ONNXOperator {
  ONNXOperator(name, since: since, inputs: 1) { node, graph in
    let x = try graph.plain(try node.input(0))
    return [try body(node, Expression(graph, graph.type(x).element), x)]
  }
}

/// Writes formulas over values of one element type.
struct Expression {
  let graph: GraphBuilder
  let element: ElementType

  init(_ graph: GraphBuilder, _ element: ElementType) {
    self.graph = graph
    self.element = element
  }

  func number(_ value: Double) -> Value { graph.scalar(value, element) }
  func unary(_ operation: any Operation, _ x: Value) throws -> Value {
    try graph.emit(operation, [x])
  }
  func binary(_ operation: any Operation, _ a: Value, _ b: Value) throws -> Value {
    try graph.emit(operation, [a, b])
  }
  func add(_ a: Value, _ b: Value) throws -> Value { try binary(Add(), a, b) }
  func subtract(_ a: Value, _ b: Value) throws -> Value { try binary(Subtract(), a, b) }
  func multiply(_ a: Value, _ b: Value) throws -> Value { try binary(Multiply(), a, b) }
  func divide(_ a: Value, _ b: Value) throws -> Value { try binary(Divide(), a, b) }

  /// −x, also of integers.
  func negated(_ x: Value) throws -> Value {
    if element.isFloat { return try unary(Negate(), x) }
    return try subtract(number(0), x)
  }

  /// |x|, also of integers.
  func magnitude(_ x: Value) throws -> Value {
    if element.isFloat { return try unary(Absolute(), x) }
    return try binary(Maximum(), x, try negated(x))
  }

  func swish(_ x: Value, _ alpha: Float) throws -> Value {
    let scaled = alpha == 1 ? x : try multiply(x, number(Double(alpha)))
    return try multiply(x, try unary(Sigmoid(), scaled))
  }

  func mean(_ x: Value, _ axes: [Int]) throws -> Value {
    var operation = ReduceMean()
    operation.axes = axes
    return try unary(operation, x)
  }

  func sum(_ x: Value, _ axes: [Int]) throws -> Value {
    var operation = ReduceSum()
    operation.axes = axes
    return try unary(operation, x)
  }

  /// `(x − mean) / √(variance + ε)` over `axes`.
  func normalized(_ x: Value, _ axes: [Int], _ epsilon: Double) throws -> Value {
    let centred = try subtract(x, try mean(x, axes))
    let variance = try mean(try multiply(centred, centred), axes)
    let factor = try unary(ReciprocalSquareRoot(), try add(variance, number(epsilon)))
    return try multiply(centred, factor)
  }
}
