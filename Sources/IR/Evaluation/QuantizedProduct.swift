/// The integer form of a quantised multiplication: the product of the centred operands, brought to
/// the result's scale. Source: TFLite `mul.cc` (`Prepare`) and `reference_integer_ops/mul.h`.
public struct QuantizedProduct: Hashable, Sendable {
  public let output: Requantization
  public let firstZeroPoint: Int32
  public let secondZeroPoint: Int32

  /// - Requires: three types quantised per tensor.
  public init(
    _ a: TensorType, _ b: TensorType, _ result: TensorType,
    clamp: (low: Float, high: Float), rounding: Rounding
  ) {
    let (sa, sb): (Float, Float) = (a.quantization?.scale ?? 1, b.quantization?.scale ?? 1)
    let target = result.quantization ?? Quantization(scale: 1)
    // TFLite computes this factor in float32.
    let factor: Double =
      rounding == .double
      ? Double(sa * sb / target.scale) : Double(sa) * Double(sb) / Double(target.scale)
    output = Requantization(
      factors: [factor], output: target, element: result.element,
      clamp: clamp, rounding: rounding)
    firstZeroPoint = a.quantization?.zeroPoint ?? 0
    secondZeroPoint = b.quantization?.zeroPoint ?? 0
  }

  /// The stored result for two stored operands.
  @inlinable
  public func apply(_ a: Int32, _ b: Int32) -> Int32 {
    output.apply((a - firstZeroPoint) * (b - secondZeroPoint), channel: 0)
  }
}
