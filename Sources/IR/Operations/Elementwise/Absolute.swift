/// The magnitude. Quantised: the centred integer's, brought to the result's scale in fixed point
/// with double rounding, as TFLite `elementwise.cc` does.
public struct Absolute: UnaryElementwise, Operation {
  public static let mnemonic = "abs"
  public static let summary = "y = |x|"

  public init() {}

  func apply(_ x: Float) -> Float { x.magnitude }
  func apply(_ x: Double) -> Double { x.magnitude }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    try inferNumbers(operands)
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    if let result = mapPlainIntegers(x, { $0 < 0 ? 0 &- $0 : $0 }) { return [result] }
    guard let input = x.type.quantization, let output = context.quantization() else {
      return evaluateReals(x, context)
    }
    let factor = FixedPointMultiplier(Double(input.scale / output.scale))
    let range = x.element.integerRange ?? -128...127
    let stored = x.integers().map { value -> Int in
      let magnitude = Int32(clamping: abs(value - Int(input.zeroPoint)))
      let scaled = input.scale == output.scale ? magnitude : factor.applyDouble(magnitude)
      return min(max(Int(scaled) + Int(output.zeroPoint), range.lowerBound), range.upperBound)
    }
    return [
      Tensor.from(integers: stored, x.element, x.shape)
        .reinterpreted(as: x.type.with(quantization: output))
    ]
  }
}
