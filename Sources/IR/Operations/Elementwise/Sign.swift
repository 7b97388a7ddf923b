/// −1, 0 or 1; NaN stays NaN.
public struct Sign: Operation {
  public static let mnemonic = "sign"
  public static let summary = "y = −1, 0 or 1 as x is negative, zero or positive"
  public static let arity = Arity(1)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element.isFloat || x.element.isInteger, !x.isQuantized else {
      throw OperationError("'sign' needs plain numbers, not \(x)")
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    if x.element.isFloat {
      let signs = x.doubles().map { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
      return [Tensor.from(doubles: signs, x.element, x.shape)]
    }
    if x.element == .u64 {
      return [Tensor(x.shape, x.array(of: UInt64.self).map { UInt64($0.signum()) })]
    }
    return [Tensor.from(integers: x.integers().map { $0.signum() }, x.element, x.shape)]
  }
}
