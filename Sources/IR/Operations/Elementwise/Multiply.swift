/// Multiplication with broadcasting and a fused clamp. Quantised: `QuantizedProduct`.
public struct Multiply: BinaryElementwise, Operation {
  public static let mnemonic = "mul"
  public static let summary = "y = clamp(a · b)"
  public static let fields: [Field<Multiply>] = [
    .init("minimum", \.minimum, "lower bound of the fused activation"),
    .init("maximum", \.maximum, "upper bound of the fused activation"),
    .init("rounding", \.rounding, "how quantised sums are rounded"),
  ]
  public var minimum: Float = -.infinity
  public var maximum: Float = .infinity
  public var rounding: Rounding = .single

  public init() {}

  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T { a * b }
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { a &* b }

  /// The integer parameters for operands and result of these types.
  public func quantizedForm(
    _ a: TensorType, _ b: TensorType, _ result: TensorType
  ) -> QuantizedProduct {
    QuantizedProduct(a, b, result, clamp: (minimum, maximum), rounding: rounding)
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    try evaluateClamped(operands, context, minimum, maximum)
  }

  func evaluateQuantized(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let form = quantizedForm(a.type, b.type, type)
    return evaluateStored(a, b, type) { form.apply($0, $1) }
  }
}
