/// The logistic function.
///
/// On `i16` with zero points 0 and a result of scale 2^−15: `SigmoidTable`.
public struct Sigmoid: UnaryElementwise, Operation {
  public static let mnemonic = "sigmoid"
  public static let summary = "y = 1 / (1 + e^−x)"

  public init() {}

  func apply(_ x: Float) -> Float { 1 / (1 + .exponential(-x)) }
  func apply(_ x: Double) -> Double { 1 / (1 + .exponential(-x)) }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    if let result = evaluateTable(.sigmoid, operands[0], context) { return [result] }
    return evaluateReals(operands[0], context)
  }
}
