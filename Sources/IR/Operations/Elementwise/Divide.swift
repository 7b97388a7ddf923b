/// Division with broadcasting and a fused clamp; integers truncate, and give 0 where the divisor
/// is 0.
///
/// Quantised with `rounding` `double` or `single`: `QuantizedQuotient`; with `float`, the default, in
/// reals, ties away from zero.
public struct Divide: BinaryElementwise, Operation {
  public static let mnemonic = "div"
  public static let summary = "y = clamp(a / b)"
  public static let fields: [Field<Divide>] = [
    .init("minimum", \.minimum, "lower bound of the fused activation"),
    .init("maximum", \.maximum, "upper bound of the fused activation"),
    .init("rounding", \.rounding, "how quantised quotients are rounded"),
  ]
  public var minimum: Float = -.infinity
  public var maximum: Float = .infinity
  public var rounding: Rounding = .floatEven

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a / b }
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    if rounding != .floatEven, let zero = operands[1].type.quantization?.zeroPoint {
      guard !operands[1].integers().contains(Int(zero)) else {
        throw OperationError("'div' on integers divides by zero")
      }
    }
    return try evaluateClamped(operands, context, minimum, maximum)
  }

  func evaluateQuantized(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    guard rounding != .floatEven else {
      var clamp = Clamp()
      (clamp.minimum, clamp.maximum) = (minimum, maximum)
      let real = evaluatePlain(a.dequantized(), b.dequantized(), TensorType(.f32, type.shape))
      let bounded = try? clamp.evaluate([real], EvaluationContext(resultTypes: [real.type]))
      return (bounded?.first ?? real).quantized(as: type, .away)
    }
    let form = QuantizedQuotient(a.type, b.type, type, clamp: (minimum, maximum))
    return evaluateStored(a, b, type) { form.apply($0, $1) }
  }
}
