import IR

let activationOperators: [OperatorEntry] = [
  bounded("RELU", version: 3, 0, .infinity),
  bounded("RELU6", version: 3, 0, 6),
  bounded("RELU_N1_TO_1", version: 1, -1, 1),
  bounded("RELU_0_TO_1", version: 1, 0, 1),
  unary("LOGISTIC", version: 3, Sigmoid()),
  unary("TANH", version: 3, Tanh()),
  unary("HARD_SWISH", version: 1, hardSwish()),
  unary("EXP", version: 2, Exponential()),
  unary("LOG", version: 2, Logarithm()),
  unary("SQRT", version: 2, squareRoot()),
  unary("RSQRT", version: 3, ReciprocalSquareRoot()),
  OperatorEntry("NEG", version: 1, 1) { call, graph in
    // The kernel negates stored integers and looks at no scale.
    [try graph.plain(Negate(), [try graph.stored(try graph.operand(0, call), call)], call)]
  },
  unary("ABS", version: 5, Absolute()),
  unary("FLOOR", version: 1, Floor()),
  unary("CEIL", version: 1, Ceil()),
  unary("ROUND", version: 1, Round()),
  unary("SIGN", version: 2, Sign()),
  unary("SIN", version: 1, Sine()),
  unary("COS", version: 1, Cosine()),
  unary("ELU", version: 1, elu()),
  OperatorEntry("LEAKY_RELU", version: 2, 1) { call, graph in
    var operation = LeakyRelu()
    operation.alpha = call.options.float("alpha")
    operation.rounding = .double
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("GELU", version: 2, 1) { call, graph in
    let x = try graph.operand(0, call)
    guard call.options.bool("approximate") else { return [try graph.add(Gelu(), [x], call)] }
    if graph.type(of: x).isQuantized { return [try graph.add(ApproximateGelu(), [x], call)] }
    return [try graph.approximateGelu(x, call)]
  },
  OperatorEntry("SOFTMAX", version: 3, 1) { call, graph in
    var operation = Softmax()
    operation.beta = call.options.float("beta")
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("LOG_SOFTMAX", version: 2, 1) { call, graph in
    let x = try graph.operand(0, call)
    if graph.type(of: x).isQuantized { return [try graph.add(LogSoftmax(), [x], call)] }
    var (largest, sum) = (ReduceMax(), ReduceSum())
    (largest.axes, sum.axes) = ([-1], [-1])
    let centred = try graph.plain(
      Subtract(), [x, try graph.plain(largest, [x], call)], call)
    let total = try graph.plain(sum, [try graph.plain(Exponential(), [centred], call)], call)
    let logarithm = try graph.plain(Logarithm(), [total], call)
    return [try graph.plain(Subtract(), [centred, logarithm], call)]
  },
  OperatorEntry("PRELU", version: 1, 2) { call, graph in
    let (x, slope) = (try graph.operand(0, call), try graph.operand(1, call))
    if graph.type(of: x).isQuantized {
      guard graph.type(of: slope).element != .i16 else {
        throw UnsupportedFeature("PRELU with slopes of 16 bits")
      }
      var operation = Prelu()
      operation.rounding = .double
      return [try graph.add(operation, [x, slope], call)]
    }
    let above = try graph.clamp(x, 0, .infinity, quantization: nil, call)
    let below = try graph.clamp(x, -.infinity, 0, quantization: nil, call)
    return [
      try graph.plain(Add(), [above, try graph.plain(Multiply(), [below, slope], call)], call)
    ]
  },
  OperatorEntry("L2_NORMALIZATION", version: 2, 1) { call, graph in
    let x = try graph.operand(0, call)
    if graph.type(of: x).isQuantized { return [try graph.add(L2Normalize(), [x], call)] }
    return [try graph.unitLength(x, call)]
  },
]

private func hardSwish() -> HardSwish {
  var operation = HardSwish()
  operation.rounding = .double
  return operation
}

private func squareRoot() -> SquareRoot {
  var operation = SquareRoot()
  operation.truncated = true
  return operation
}

private func elu() -> Elu {
  var operation = Elu()
  operation.alpha = 1
  return operation
}

private func bounded(
  _ name: String, version: Int, _ low: Float, _ high: Float
) -> OperatorEntry {
  OperatorEntry(name, version: version, 1) { call, graph in
    let quantization = try graph.outputType(0, call).quantization
    return [
      try graph.clamp(try graph.operand(0, call), low, high, quantization: quantization, call)
    ]
  }
}

private func unary(_ name: String, version: Int, _ operation: any Operation) -> OperatorEntry {
  OperatorEntry(name, version: version, 1) { call, graph in
    [try graph.add(operation, [try graph.operand(0, call)], call)]
  }
}

extension GraphImporter {
  /// A step of a decomposition on plain numbers.
  mutating func plain(
    _ operation: any Operation, _ operands: [Value], _ call: OperatorCall
  ) throws -> Value {
    try add(operation, operands, quantization: nil, call)
  }

  mutating func scalar(_ value: Float) -> Value { rewriter.constant(Tensor(scalar: value)) }

  /// `x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`.
  /// Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", 2016.
  fileprivate mutating func approximateGelu(_ x: Value, _ call: OperatorCall) throws -> Value {
    let square = try plain(Multiply(), [x, x], call)
    let cubic = try plain(Multiply(), [square, scalar(0.044715)], call)
    let inner = try plain(Add(), [cubic, scalar(1)], call)
    let argument = try plain(Multiply(), [inner, x], call)
    let scaled = try plain(Multiply(), [argument, scalar(0.797_884_560_802_865_4)], call)
    let bent = try plain(Tanh(), [scaled], call)
    let weight = try plain(Add(), [bent, scalar(1)], call)
    let half = try plain(Multiply(), [x, scalar(0.5)], call)
    return try plain(Multiply(), [half, weight], call)
  }

  /// `x / max(√Σ x², 1e−6)` over the last axis. Source: TFLite `l2normalization.h`.
  fileprivate mutating func unitLength(_ x: Value, _ call: OperatorCall) throws -> Value {
    var sum = ReduceSum()
    sum.axes = [-1]
    let total = try plain(sum, [try plain(Multiply(), [x, x], call)], call)
    let length = try plain(SquareRoot(), [total], call)
    let bounded = try clamp(length, 1e-6, .infinity, quantization: nil, call)
    return try activated(try plain(Divide(), [x, bounded], call), call)
  }
}
