/// The square root. Quantised: the nearest stored integer, or with `truncated` the one towards the
/// zero point, as TFLite's `elementwise.cc`, `SqrtEvalQuantized`, cuts it.
public struct SquareRoot: UnaryElementwise, Operation {
  public static let mnemonic = "sqrt"
  public static let summary = "y = √x"
  public static let fields: [Field<SquareRoot>] = [
    .init("truncated", \.truncated, "whether a quantised result is cut instead of rounded")
  ]
  public var truncated: Bool = false

  public init() {}

  func apply(_ x: Float) -> Float { x.squareRoot() }
  func apply(_ x: Double) -> Double { x.squareRoot() }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    guard truncated, let output = context.quantization() else { return evaluateReals(x, context) }
    let range = x.element.integerRange ?? -128...127
    let stored = x.dequantized().floats().map { real -> Int in
      let steps = (real.squareRoot() / output.scale).rounded(.towardZero)
      if steps.isNaN { return range.lowerBound }
      let value = Double(steps) + Double(output.zeroPoint)
      return Int(min(max(value, Double(range.lowerBound)), Double(range.upperBound)))
    }
    let type = x.type.with(quantization: output)
    return [Tensor.from(integers: stored, x.element, x.shape).reinterpreted(as: type)]
  }
}
