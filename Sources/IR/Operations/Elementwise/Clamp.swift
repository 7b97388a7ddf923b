/// Bounds every element: ReLU is `minimum = 0`, ReLU6 also `maximum = 6`.
///
/// Quantised: under the operand's own parameters unless others are asked, with the bounds quantised
/// as in a fused activation.
public struct Clamp: Operation {
  public static let mnemonic = "clamp"
  public static let summary = "y = min(max(x, minimum), maximum)"
  public static let arity = Arity(1)
  public static let fields: [Field<Clamp>] = [
    .init("minimum", \.minimum, "lower bound"),
    .init("maximum", \.maximum, "upper bound"),
    .init("rounding", \.rounding, "how a quantised result under other parameters is rounded"),
  ]
  public var minimum: Float = -.infinity
  public var maximum: Float = .infinity
  public var rounding: Rounding = .single

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element.isFloat || x.element.isInteger else {
      throw OperationError("'clamp' needs numbers, not \(x)")
    }
    return [x.isQuantized ? x.with(quantization: operands.asked() ?? x.quantization) : x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    if let from = x.type.quantization, let to = context.quantization() {
      return [clampStored(x, from, to)]
    }
    if x.element == .f32 {
      let (low, high) = (minimum, maximum)
      return [
        mapElements(x, x.type) { (value: Float) in value < low ? low : value > high ? high : value }
      ]
    }
    if x.element.isFloat {
      let bounded = x.doubles().map { value in
        value < Double(minimum) ? Double(minimum) : value > Double(maximum) ? Double(maximum) : value
      }
      return [Tensor.from(doubles: bounded, x.element, x.shape)]
    }
    let low = minimum.isFinite ? Int(minimum.rounded(.up)) : Int.min
    let high = maximum.isFinite ? Int(maximum.rounded(.down)) : Int.max
    let bounded = x.integers().map { min(max($0, low), high) }
    return [Tensor.from(integers: bounded, x.element, x.shape)]
  }

  /// The parameters of the quantised form for an operand and result of these types. The factor is a
  /// float32 quotient under `double` rounding, as in TFLite's `activations.cc`, `ReluPrepare`.
  public func requantization(_ input: TensorType, _ output: TensorType) -> Requantization {
    let to = output.quantization ?? Quantization(scale: 1)
    let from: Float = input.quantization?.scale ?? 1
    let factor: Double =
      rounding == .double ? Double(from / to.scale) : Double(from) / Double(to.scale)
    return Requantization(
      factors: [factor], output: to, element: output.element, clamp: (minimum, maximum),
      rounding: rounding)
  }

  private func clampStored(_ x: Tensor, _ from: Quantization, _ to: Quantization) -> Tensor {
    let requantization = requantization(x.type, x.type.with(quantization: to))
    let stored = x.integers().map { value -> Int in
      if from == to {
        return min(max(value, Int(requantization.lowest)), Int(requantization.highest))
      }
      return Int(requantization.apply(Int32(value) - from.zeroPoint, channel: 0))
    }
    return Tensor.from(integers: stored, x.element, x.shape)
      .reinterpreted(as: x.type.with(quantization: to))
  }
}
