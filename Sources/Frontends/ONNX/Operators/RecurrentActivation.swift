import IR

/// An activation of a recurrent layer with its parameters.
///
/// Source: ONNX `Operators.md`, `LSTM`, attributes `activations`, `activation_alpha`,
/// `activation_beta`.
struct RecurrentActivation {
  private let name: String
  private let alpha: Float
  private let beta: Float

  /// Parameters by default, where the activation has any.
  private static let parameters: [String: (alpha: Float?, beta: Float?)] = [
    "relu": (nil, nil), "tanh": (nil, nil), "sigmoid": (nil, nil), "softsign": (nil, nil),
    "softplus": (nil, nil), "affine": (1, 0), "leakyrelu": (0.01, nil),
    "thresholdedrelu": (1, nil), "scaledtanh": (1, 1), "hardsigmoid": (0.2, 0.5),
    "elu": (1, nil),
  ]

  /// Takes what it needs from the front of the lists.
  init(
    _ name: String, _ alphas: inout ArraySlice<Float>, _ betas: inout ArraySlice<Float>,
    _ node: SourceNodeReader
  ) throws {
    self.name = name.lowercased()
    guard let defaults = RecurrentActivation.parameters[self.name] else {
      throw node.unsupported("the activation '\(name)' is not known")
    }
    alpha = defaults.alpha.map { alphas.popFirst() ?? $0 } ?? 0
    beta = defaults.beta.map { betas.popFirst() ?? $0 } ?? 0
  }

  func apply(_ e: Expression, _ x: Value) throws -> Value {
    switch name {
    case "relu":
      var clamp = Clamp()
      clamp.minimum = 0
      return try e.unary(clamp, x)
    case "sigmoid": return try e.unary(Sigmoid(), x)
    case "softplus": return try e.unary(Softplus(), x)
    case "softsign":
      return try e.divide(x, try e.add(try e.unary(Absolute(), x), e.number(1)))
    case "affine":
      return try e.add(try e.multiply(x, e.number(Double(alpha))), e.number(Double(beta)))
    case "leakyrelu":
      var leaky = LeakyRelu()
      leaky.alpha = alpha
      return try e.unary(leaky, x)
    case "thresholdedrelu":
      let isAbove = try e.binary(Less(), e.number(Double(alpha)), x)
      return try e.graph.emit(Select(), [isAbove, x, e.number(0)])
    case "scaledtanh":
      let tanh = try e.unary(Tanh(), try e.multiply(x, e.number(Double(beta))))
      return try e.multiply(tanh, e.number(Double(alpha)))
    case "hardsigmoid":
      var sigmoid = HardSigmoid()
      (sigmoid.alpha, sigmoid.beta) = (alpha, beta)
      return try e.unary(sigmoid, x)
    case "elu":
      var elu = Elu()
      elu.alpha = alpha
      return try e.unary(elu, x)
    default: return try e.unary(Tanh(), x)
    }
  }
}
