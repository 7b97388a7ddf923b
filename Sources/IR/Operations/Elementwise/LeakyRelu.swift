/// A rectifier that lets a part of the negatives through.
///
/// Quantised with `rounding` `double` or `single`: both slopes in fixed point, as TFLite's
/// `reference_ops/leaky_relu.h`; with `float`, the default, in reals, ties away from zero.
public struct LeakyRelu: UnaryElementwise, Operation {
  public static let mnemonic = "leaky_relu"
  public static let summary = "y = x ≥ 0 ? x : α · x"
  public static let fields: [Field<LeakyRelu>] = [
    .init("alpha", \.alpha, "slope below zero"),
    .init("rounding", \.rounding, "how a quantised result is rounded"),
  ]
  public var alpha: Float = 0.01
  public var rounding: Rounding = .floatEven

  public init() {}

  func apply(_ x: Float) -> Float { x >= 0 ? x : alpha * x }
  func apply(_ x: Double) -> Double { x >= 0 ? x : Double(alpha) * x }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    guard rounding != .floatEven, let from = x.type.quantization, let to = context.quantization()
    else { return evaluateReals(x, context) }
    // In float32, as TFLite does. The negative slope's sign is taken out: the multiplier's mantissa
    // has none.
    let (above, below) = (
      FixedPointMultiplier(Double(from.scale / to.scale)),
      FixedPointMultiplier(Double(from.scale * alpha.magnitude / to.scale))
    )
    let range = x.element.integerRange ?? -128...127
    let stored = x.integers().map { value -> Int in
      let centred = Int32(clamping: value) - from.zeroPoint
      let scaled =
        centred >= 0
        ? above.apply(to: centred, rounding)
        : below.apply(to: alpha < 0 ? -centred : centred, rounding)
      return min(max(Int(scaled) + Int(to.zeroPoint), range.lowerBound), range.upperBound)
    }
    return [
      Tensor.from(integers: stored, x.element, x.shape)
        .reinterpreted(as: x.type.with(quantization: to))
    ]
  }
}
