/// The determinants of the square matrices that the last two axes hold.
public struct Determinant: Operation {
  public static let mnemonic = "determinant"
  public static let summary = "y[b…] = det x[b…, :, :]"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (batch, _) = try squareMatrices(operands[0], "determinant")
    return [TensorType(operands[0].element, batch)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (batch, size) = try squareMatrices(operands[0].type, "determinant")
    let values = operands[0].mapMatrices(size) { [$0.determinant] }
    return [Tensor.from(doubles: values, operands[0].element, batch)]
  }
}
