/// The integer form of a quantised squared difference: both operands are brought to twice the
/// larger scale with 7 more bits, subtracted, squared, and brought to the result's scale, each time
/// with double rounding. Source: TFLite `squared_difference.cc`.
public struct QuantizedSquaredDifference: Hashable, Sendable {
  /// Bits that operands are shifted left before they are scaled.
  public static let leftShift: Int32 = 7
  public let first: FixedPointMultiplier
  public let second: FixedPointMultiplier
  public let output: Requantization
  public let firstZeroPoint: Int32
  public let secondZeroPoint: Int32

  /// - Requires: three types quantised per tensor.
  public init(_ a: TensorType, _ b: TensorType, _ result: TensorType) {
    let (sa, sb) = (Double(a.quantization?.scale ?? 1), Double(b.quantization?.scale ?? 1))
    let target = result.quantization ?? Quantization(scale: 1)
    let common = 2 * max(sa, sb)
    first = FixedPointMultiplier(sa / common)
    second = FixedPointMultiplier(sb / common)
    let shift = Double(1 << (2 * QuantizedSquaredDifference.leftShift))
    output = Requantization(
      factors: [common * common / (shift * Double(target.scale))], output: target,
      element: result.element, rounding: .double)
    firstZeroPoint = a.quantization?.zeroPoint ?? 0
    secondZeroPoint = b.quantization?.zeroPoint ?? 0
  }

  /// The stored result for two stored operands.
  @inlinable
  public func apply(_ a: Int32, _ b: Int32) -> Int32 {
    let x = first.applyDouble((a - firstZeroPoint) << QuantizedSquaredDifference.leftShift)
    let y = second.applyDouble((b - secondZeroPoint) << QuantizedSquaredDifference.leftShift)
    return output.apply((x &- y) &* (x &- y), channel: 0)
  }
}
