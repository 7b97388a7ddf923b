/// A rectifier with a slope per element below zero, broadcast over the operand.
///
/// Quantised with `rounding` `double` or `single`: both branches in fixed point, as TFLite's
/// `reference/prelu.h`; with `float`, the default, in reals, ties away from zero.
public struct Prelu: Operation {
  public static let mnemonic = "prelu"
  public static let summary = "y = x ≥ 0 ? x : slope · x"
  public static let arity = Arity(2)
  public static let fields: [Field<Prelu>] = [
    .init("rounding", \.rounding, "how a quantised result is rounded")
  ]
  public var rounding: Rounding = .floatEven

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, slope) = (operands[0], operands[1])
    let isMixed = x.element == .i16 && slope.element == .i8 && x.isQuantized
    guard x.element == slope.element || isMixed, x.isQuantized == slope.isQuantized,
      x.element.isFloat || x.element.isInteger
    else { throw OperationError("'prelu' needs numbers of one type, not \(x) and \(slope)") }
    guard let shape = Shape.broadcast([x.shape, slope.shape]), shape.rank == x.rank else {
      throw OperationError("'prelu' cannot broadcast \(slope) over \(x)")
    }
    let quantization = x.isQuantized ? try operands.requireAsked("prelu") : nil
    return [TensorType(x.element, shape, quantization)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (x, slope) = (operands[0], operands[1])
    guard let shape = Shape.broadcast([x.shape, slope.shape]) else {
      throw OperationError("'prelu' cannot broadcast \(slope.type) over \(x.type)")
    }
    let type = TensorType(x.element, shape)
    if let quantization = context.quantization() {
      if rounding != .floatEven {
        return [fixedPoint(x, slope, type.with(quantization: quantization), quantization)]
      }
      let real = reals(x.dequantized(), slope.dequantized(), TensorType(.f32, shape))
      return [real.quantized(as: type.with(quantization: quantization), .away)]
    }
    if x.element.isInteger {
      let wide = mapElements(
        x.converted(to: .i64), slope.converted(to: .i64), TensorType(.i64, shape)
      ) { (x: Int64, slope: Int64) in x >= 0 ? x : x &* slope }
      return [wide.converted(to: x.element)]
    }
    if x.element == .f64 {
      return [mapElements(x, slope, type) { (x: Double, slope: Double) in x >= 0 ? x : x * slope }]
    }
    let narrow = reals(x.converted(to: .f32), slope.converted(to: .f32), TensorType(.f32, shape))
    return [narrow.converted(to: x.element)]
  }

  private func fixedPoint(
    _ x: Tensor, _ slope: Tensor, _ type: TensorType, _ output: Quantization
  ) -> Tensor {
    let input = x.type.quantization ?? Quantization(scale: 1)
    let factor = slope.type.quantization ?? Quantization(scale: 1)
    // Both in float32, as TFLite does.
    let (above, below) = (
      FixedPointMultiplier(Double(input.scale / output.scale)),
      FixedPointMultiplier(Double(input.scale * factor.scale / output.scale))
    )
    let range = type.element.integerRange ?? -128...127
    let wide = mapElements(
      x.converted(to: .i32), slope.converted(to: .i32), TensorType(.i32, type.shape)
    ) { (stored: Int32, slope: Int32) -> Int32 in
      let value = stored - input.zeroPoint
      let scaled =
        value >= 0
        ? above.apply(to: value, rounding)
        : below.apply(to: value &* (slope - factor.zeroPoint), rounding)
      let bounded = Int(scaled) + Int(output.zeroPoint)
      return Int32(min(max(bounded, range.lowerBound), range.upperBound))
    }
    return wide.converted(to: type.element).reinterpreted(as: type)
  }

  private func reals(_ x: Tensor, _ slope: Tensor, _ type: TensorType) -> Tensor {
    mapElements(x, slope, type) { (x: Float, slope: Float) in x >= 0 ? x : x * slope }
  }
}
