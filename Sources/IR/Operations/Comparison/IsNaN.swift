/// Whether an element is not a number.
public struct IsNaN: Operation {
  public static let mnemonic = "is_nan"
  public static let summary = "y = x ≠ x"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard operands[0].element.isFloat else {
      throw OperationError("'is_nan' needs floats, not \(operands[0])")
    }
    return [operands[0].with(element: .bool)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    return [Tensor.from(integers: x.doubles().map { $0.isNaN ? 1 : 0 }, .bool, x.shape)]
  }
}
