/// The integer form of a quantised division: the reciprocal of the centred divisor in fixed point,
/// times the dividend with all its headroom, brought to the result's scale with double rounding.
///
/// Source: TFLite `reference/div.h`, `DivElementwise`, and `internal/common.h`, `GetReciprocal`.
public struct QuantizedQuotient: Hashable, Sendable {
  private let factor: FixedPointMultiplier
  private let output: Requantization
  private let firstZeroPoint: Int32
  private let secondZeroPoint: Int32

  /// - Requires: three types quantised per tensor.
  public init(
    _ a: TensorType, _ b: TensorType, _ result: TensorType, clamp: (low: Float, high: Float)
  ) {
    let (sa, sb): (Float, Float) = (a.quantization?.scale ?? 1, b.quantization?.scale ?? 1)
    let target = result.quantization ?? Quantization(scale: 1)
    factor = FixedPointMultiplier(Double(sa / (sb * target.scale)))
    output = Requantization(
      factors: [1], output: target, element: result.element, clamp: clamp, rounding: .double)
    firstZeroPoint = a.quantization?.zeroPoint ?? 0
    secondZeroPoint = b.quantization?.zeroPoint ?? 0
  }

  /// The stored result for two stored operands; the divisor is not zero.
  public func apply(_ a: Int32, _ b: Int32) -> Int32 {
    var (dividend, divisor) = (a - firstZeroPoint, b - secondZeroPoint)
    if divisor < 0 { (dividend, divisor) = (-dividend, -divisor) }
    let (reciprocal, bits) = QuantizedQuotient.reciprocal(divisor)
    let headroom = Int32(QuantizedQuotient.signBits(dividend))
    let quotient = FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(
      dividend &<< headroom, reciprocal)
    let scaled = FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(
      quotient, factor.mantissa)
    let shift = bits + headroom - factor.exponent
    let value =
      shift >= 0
      ? FixedPointMultiplier.roundingShiftRight(scaled, shift)
      : Int32(clamping: Int64(scaled) << Int64(-shift))
    return min(max(value &+ output.zeroPoint, output.lowest), output.highest)
  }

  /// `1 / x` with 31 fractional bits, and the bits of `x` above one.
  private static func reciprocal(_ x: Int32) -> (raw: Int32, bits: Int32) {
    let headroom = UInt32(bitPattern: x).leadingZeroBitCount
    let rest = (UInt32(bitPattern: x) << UInt32(headroom)) &- (1 << 31)
    let raw = FixedPointFunctions<Int32>.reciprocalOfOnePlus(Int32(bitPattern: rest))
    return (raw, Int32(31 - headroom))
  }

  /// How far a number can be shifted left without losing its sign.
  private static func signBits(_ x: Int32) -> Int {
    (x < 0 ? ~x : x).leadingZeroBitCount - 1
  }
}
