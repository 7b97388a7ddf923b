/// Batch normalisation at inference over the last axis: operands x, scale, bias, mean, variance.
public struct BatchNorm: Operation {
  public static let mnemonic = "batch_norm"
  public static let summary = "y = scale · (x − mean) / √(variance + ε) + bias, per last index"
  public static let arity = Arity(5)
  public static let fields: [Field<BatchNorm>] = [
    .init("epsilon", \.epsilon, "added to the variance")
  ]
  public var epsilon: Float = 1e-5

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.rank >= 1, x.element.isFloat else {
      throw OperationError("'batch_norm' needs a float tensor, not \(x)")
    }
    for type in operands.types.dropFirst() {
      guard type.rank == 1, type.element.isFloat, type.shape.isCompatible(with: [x.shape[x.rank - 1]])
      else { throw OperationError("'batch_norm' needs one value per channel of \(x), not \(type)") }
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let parameters = operands.dropFirst().map { $0.doubles() }
    let channels = parameters[0].count
    let factor = (0..<channels).map { parameters[0][$0] / (parameters[3][$0] + Double(epsilon)).squareRoot() }
    let offset = (0..<channels).map { parameters[1][$0] - parameters[2][$0] * factor[$0] }
    let result = x.doubles().enumerated().map { index, value in
      value * factor[index % channels] + offset[index % channels]
    }
    return [Tensor.from(doubles: result, x.element, x.shape)]
  }
}
