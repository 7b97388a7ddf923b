/// The opposite.
public struct Negate: UnaryElementwise, Operation {
  public static let mnemonic = "negate"
  public static let summary = "y = −x"

  public init() {}

  func apply(_ x: Float) -> Float { -x }
  func apply(_ x: Double) -> Double { -x }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    try inferNumbers(operands)
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    if let result = mapPlainIntegers(operands[0], { 0 &- $0 }) { return [result] }
    return evaluateReals(operands[0], context)
  }
}
