/// One over the square root. Quantised on 16 bits: an `InterpolatedTable`, as in TFLite, which has
/// the largest result where there is no root.
public struct ReciprocalSquareRoot: UnaryElementwise, Operation {
  public static let mnemonic = "rsqrt"
  public static let summary = "y = 1 / √x"

  public init() {}

  func apply(_ x: Float) -> Float { 1 / x.squareRoot() }
  func apply(_ x: Double) -> Double { 1 / x.squareRoot() }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    guard x.element == .i16, let input = x.type.quantization, let output = context.quantization()
    else { return evaluateReals(x, context) }
    let table = InterpolatedTable(input: input, output: output) { value in
      value <= 0 ? 32767 * output.scale : 1 / value.squareRoot()
    }
    let type = x.type.with(quantization: output)
    return [mapElements(x, type) { (value: Int16) in Int16(clamping: table(Int32(value))) }]
  }
}
