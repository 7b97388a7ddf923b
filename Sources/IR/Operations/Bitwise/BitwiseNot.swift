/// All bits turned over; "not" of truth values.
public struct BitwiseNot: Operation {
  public static let mnemonic = "not"
  public static let summary = "y = ~x"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element == .bool || (x.element.isInteger && !x.isQuantized) else {
      throw OperationError("'not' needs integers or truth values, not \(x)")
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let isBool = x.element == .bool
    let turned = x.integers().map { isBool ? 1 - $0 : ~$0 }
    return [Tensor.from(integers: turned, x.element, x.shape)]
  }
}
