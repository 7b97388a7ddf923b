/// Stored integers to the `f32` numbers they mean.
public struct Dequantize: Operation {
  public static let mnemonic = "dequantize"
  public static let summary = "y = scale · (x − zero point)"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard operands[0].isQuantized else {
      throw OperationError("'dequantize' needs a quantised operand, not \(operands[0])")
    }
    return [operands[0].with(element: .f32)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    [operands[0].dequantized()]
  }
}
