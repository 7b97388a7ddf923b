/// Hard swish (A. Howard et al., "Searching for MobileNetV3", 2019).
///
/// Quantised with `rounding` `double`: in 16-bit fixed point (`IntegerHardSwish`); with `float`,
/// the default, in reals, ties away from zero.
public struct HardSwish: UnaryElementwise, Operation {
  public static let mnemonic = "hard_swish"
  public static let summary = "y = x · min(max(x + 3, 0), 6) / 6"
  public static let fields: [Field<HardSwish>] = [
    .init("rounding", \.rounding, "how a quantised result is rounded")
  ]
  public var rounding: Rounding = .floatEven

  public init() {}

  func apply(_ x: Float) -> Float { x * min(max(x + 3, 0), 6) / 6 }
  func apply(_ x: Double) -> Double { x * min(max(x + 3, 0), 6) / 6 }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    guard rounding == .double, [.i8, .u8].contains(x.element), let input = x.type.quantization,
      let output = context.quantization()
    else { return evaluateReals(x, context) }
    let form = IntegerHardSwish(input: input, output: output, element: x.element)
    let stored = x.integers().map { form.apply($0) }
    return [
      Tensor.from(integers: stored, x.element, x.shape)
        .reinterpreted(as: x.type.with(quantization: output))
    ]
  }
}
