/// The inverses of the square matrices that the last two axes hold; infinities and NaN where a
/// matrix has none.
public struct MatrixInverse: Operation {
  public static let mnemonic = "matrix_inverse"
  public static let summary = "y[b…, :, :] · x[b…, :, :] = 1"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    _ = try squareMatrices(operands[0], "matrix_inverse")
    return [operands[0]]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (_, size) = try squareMatrices(operands[0].type, "matrix_inverse")
    let values = operands[0].mapMatrices(size) { $0.inverse }
    return [Tensor.from(doubles: values, operands[0].element, operands[0].shape)]
  }
}
