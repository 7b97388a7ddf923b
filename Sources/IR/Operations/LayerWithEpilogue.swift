/// A product that goes on with its float sums before it stores them:
/// `clamp(activation(Σ + bias + residual))`.
///
/// The residual is operand 3, of the result's type. Quantised layers have a clamp alone.
public protocol LayerWithEpilogue: Operation {
  var activation: Activation { get set }
  /// The slope below zero of the activation `leaky_relu`.
  var alpha: Float { get set }
  /// The bounds of the clamp in real numbers.
  var minimum: Float { get set }
  var maximum: Float { get set }
}

extension LayerWithEpilogue {
  /// Whether anything follows the bias.
  public var hasClamp: Bool { minimum > -.infinity || maximum < .infinity }

  /// The same layer with nothing behind its bias.
  public var bare: Self {
    var copy = self
    copy.activation = .none
    copy.alpha = 0
    copy.minimum = -.infinity
    copy.maximum = .infinity
    return copy
  }

  /// Throws where `result` cannot have the epilogue that fields and operands ask for.
  func checkEpilogue(_ operands: OperandTypes, _ result: TensorType) throws {
    let name = Self.mnemonic
    if operands.count > 3, operands[3].shape.isStatic, result.shape.isStatic,
      operands[3] != result
    {
      throw OperationError("'\(name)' needs a residual of \(result), not \(operands[3])")
    }
    guard activation != .none || operands.count > 3 else { return }
    guard !result.isQuantized else {
      throw OperationError("'\(name)' takes a residual and an activation in float alone")
    }
  }

  /// What becomes of `sums`, which have their bias.
  func finish(_ sums: Tensor, residual: Tensor?) throws -> Tensor {
    let context = EvaluationContext(resultTypes: [sums.type])
    var value = sums
    if let residual { value = try Add().evaluate([value, residual], context)[0] }
    if let operation = activation.operation(alpha: alpha) {
      value = try operation.evaluate([value], context)[0]
    }
    guard hasClamp else { return value }
    var clamp = Clamp()
    (clamp.minimum, clamp.maximum) = (minimum, maximum)
    return try clamp.evaluate([value], context)[0]
  }

  /// Whether the sums' own clamp is all that follows the bias.
  func isPlain(_ operands: [Tensor]) -> Bool { activation == .none && operands.count <= 3 }
}
