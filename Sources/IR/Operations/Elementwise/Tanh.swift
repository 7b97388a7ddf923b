/// The hyperbolic tangent.
///
/// On `i16` with zero points 0 and a result of scale 2^−15: `SigmoidTable`.
public struct Tanh: UnaryElementwise, Operation {
  public static let mnemonic = "tanh"
  public static let summary = "y = tanh x"

  public init() {}

  func apply(_ x: Float) -> Float { .hyperbolicTangent(x) }
  func apply(_ x: Double) -> Double { .hyperbolicTangent(x) }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    if let result = evaluateTable(.tanh, operands[0], context) { return [result] }
    return evaluateReals(operands[0], context)
  }
}
