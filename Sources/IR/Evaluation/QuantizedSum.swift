/// The integer form of a quantised addition or subtraction: both operands are brought to twice the
/// larger scale with 20 more bits, summed, and brought to the result's scale.
///
/// Source: TFLite `add.cc` (`Prepare`) and `reference_integer_ops/add.h`. Backends take the
/// parameters from here.
public struct QuantizedSum: Hashable, Sendable {
  /// Bits that 8-bit operands are shifted left before they are scaled.
  public static let leftShift: Int32 = 20
  /// The same for these operands: 16-bit ones leave less room.
  public let leftShift: Int32
  public let first: FixedPointMultiplier
  public let second: FixedPointMultiplier
  public let output: Requantization
  public let firstZeroPoint: Int32
  public let secondZeroPoint: Int32

  /// - Requires: three types quantised per tensor.
  public init(
    _ a: TensorType, _ b: TensorType, _ result: TensorType,
    clamp: (low: Float, high: Float), rounding: Rounding
  ) {
    let (sa, sb) = (Double(a.quantization?.scale ?? 1), Double(b.quantization?.scale ?? 1))
    let target = result.quantization ?? Quantization(scale: 1)
    let common = 2 * max(sa, sb)
    first = FixedPointMultiplier(sa / common)
    second = FixedPointMultiplier(sb / common)
    leftShift = a.element == .i16 ? 15 : QuantizedSum.leftShift
    let shift = Double(1 << leftShift)
    output = Requantization(
      factors: [common / (shift * Double(target.scale))], output: target,
      element: result.element, clamp: clamp, rounding: rounding)
    firstZeroPoint = a.quantization?.zeroPoint ?? 0
    secondZeroPoint = b.quantization?.zeroPoint ?? 0
  }

  /// The stored result for two stored operands; `sign` is −1 for a subtraction.
  @inlinable
  public func apply(_ a: Int32, _ b: Int32, sign: Int32) -> Int32 {
    let mode: Rounding = output.rounding == .double ? .double : .single
    let x = first.apply(to: (a - firstZeroPoint) << leftShift, mode)
    let y = second.apply(to: (b - secondZeroPoint) << leftShift, mode)
    return output.apply(x + sign * y, channel: 0)
  }
}
