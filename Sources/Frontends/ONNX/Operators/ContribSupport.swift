import IR

extension SourceNodeReader {
  /// The results of this node taken as one of ONNX's own operators, with the same attributes.
  ///
  /// ONNX Runtime's operators often are ONNX's with something more; this is the part that is ONNX's.
  func imported(
    as name: String, opset: Int = 21, _ inputs: [Value?], _ graph: GraphBuilder,
    outputs: Int = 1
  ) throws -> [Value] {
    guard let entry = ONNXOperatorTable.own(name) else {
      throw Diagnostic.internalError("'\(name)' is no operator of ONNX's")
    }
    let inner = SourceNodeReader(
      operation: operation, opset: opset, inputs: inputs.map { $0.map { ONNXValue.tensor($0) } },
      outputs: Array(self.outputs.prefix(outputs)), attributes: attributes)
    let results = try entry.importNode(inner, graph).compactMap(\.tensor)
    guard !results.isEmpty else { throw invalid("gives no result") }
    return results
  }
}

extension ONNXOperatorTable {
  /// An operator of ONNX's own set.
  static func own(_ name: String) -> ONNXOperator? {
    for family in families {
      if let entry = family.first(where: { $0.name == name && $0.domain.isEmpty }) { return entry }
    }
    return nil
  }
}

/// What a fused operator does to its result, by the names of ONNX's activations.
struct FusedActivation {
  let name: String
  let parameters: [Float]

  func apply(_ node: SourceNodeReader, _ e: Expression, _ x: Value) throws -> Value {
    func parameter(_ index: Int, _ fallback: Float) -> Float {
      index < parameters.count ? parameters[index] : fallback
    }
    switch name {
    case "": return x
    case "Relu":
      var clamp = Clamp()
      clamp.minimum = 0
      return try e.unary(clamp, x)
    case "Sigmoid": return try e.unary(Sigmoid(), x)
    case "Tanh": return try e.unary(Tanh(), x)
    case "LeakyRelu":
      var leaky = LeakyRelu()
      leaky.alpha = parameter(0, 0.01)
      return try e.unary(leaky, x)
    case "Clip":
      var clamp = Clamp()
      clamp.minimum = parameter(0, -.infinity)
      clamp.maximum = parameter(1, .infinity)
      return try e.unary(clamp, x)
    case "HardSigmoid":
      var sigmoid = HardSigmoid()
      sigmoid.alpha = parameter(0, 0.2)
      sigmoid.beta = parameter(1, 0.5)
      return try e.unary(sigmoid, x)
    case "HardSwish": return try e.unary(HardSwish(), x)
    case "Elu":
      var elu = Elu()
      elu.alpha = parameter(0, 1)
      return try e.unary(elu, x)
    case "Softplus": return try e.unary(Softplus(), x)
    case "Gelu": return try e.unary(Gelu(), x)
    default: throw node.unsupported("the activation '\(name)' is not supported")
    }
  }
}

extension GraphBuilder {
  /// `x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))`. Source: arXiv 1606.08415, section 2.
  func tanhGelu(_ x: Value) throws -> Value {
    let e = Expression(self, type(x).element)
    let cube = try e.multiply(try e.multiply(x, x), x)
    let sum = try e.add(x, try e.multiply(cube, e.number(0.044715)))
    let gate = try e.unary(Tanh(), try e.multiply(sum, e.number(0.7978845608028654)))
    return try e.multiply(
      try e.multiply(x, e.number(0.5)), try e.add(gate, e.number(1)))
  }
}
