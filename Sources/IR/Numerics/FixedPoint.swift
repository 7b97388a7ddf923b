/// How a 32-bit accumulator becomes a narrower integer. The three modes differ by one step where a
/// value falls next to a tie, so each quantised operation carries the mode its source format uses
/// (`Docs/numerics.md`).
public enum Rounding: String, Hashable, Sendable, CaseIterable {
  /// gemmlowp's two steps: a saturating rounding doubling high multiply, then a rounding shift that
  /// takes ties away from zero. TFLite's reference `CONV_2D`, `ADD`, `MUL` and most others.
  case double
  /// One 64-bit product, rounded once, ties towards plus infinity. TFLite's `FULLY_CONNECTED`.
  case single
  /// The accumulator in float32 times a float32 scale, rounded half to even: ONNX `QuantizeLinear`.
  case floatEven = "float"
}

/// A positive real factor as `mantissa · 2^(exponent − 31)` with a 31-bit mantissa: the form in
/// which integer-only targets multiply by a scale.
///
/// Source: B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
/// Integer-Arithmetic-Only Inference", 2018, section 2.2.
public struct FixedPointMultiplier: Hashable, Sendable {
  /// In `[2^30, 2^31)`, or 0 for the factor zero.
  public var mantissa: Int32
  /// Positive shifts left, negative shifts right, applied beside the mantissa's own 2^−31.
  public var exponent: Int32

  public init(mantissa: Int32, exponent: Int32) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// The nearest fixed-point form of `factor`. Factors below 2^−32 become zero, as in TFLite's
  /// `QuantizeMultiplier`; factors of 2^31 and above saturate.
  public init(_ factor: Double) {
    guard factor > 0, factor.isFinite else {
      self.init(mantissa: 0, exponent: 0)
      return
    }
    var exponent = factor.exponent + 1
    let fraction: Double = factor.significand / 2
    var mantissa = Int64((fraction * 2_147_483_648.0).rounded(.toNearestOrAwayFromZero))
    if mantissa == 1 << 31 {
      mantissa /= 2
      exponent += 1
    }
    if exponent < -31 {
      self.init(mantissa: 0, exponent: 0)
    } else if exponent > 30 {
      self.init(mantissa: Int32.max, exponent: 30)
    } else {
      self.init(mantissa: Int32(mantissa), exponent: Int32(exponent))
    }
  }

  /// `value` times this factor. `.floatEven` has no fixed-point form and rounds as `.single`.
  @inlinable
  public func apply(to value: Int32, _ rounding: Rounding) -> Int32 {
    rounding == .double ? applyDouble(value) : applySingle(value)
  }

  /// Two roundings: gemmlowp's `SaturatingRoundingDoublingHighMul`, then `RoundingDivideByPOT`.
  @inlinable
  public func applyDouble(_ value: Int32) -> Int32 {
    let left = max(exponent, 0)
    let right = max(-exponent, 0)
    let shifted = value &<< left
    let high = Self.saturatingRoundingDoublingHighMultiply(shifted, mantissa)
    return Self.roundingShiftRight(high, right)
  }

  /// One rounding of the 64-bit product: `(value · mantissa + 2^(s−1)) >> s`, `s = 31 − exponent`.
  @inlinable
  public func applySingle(_ value: Int32) -> Int32 {
    let shift = Int64(31 - exponent)
    let product = Int64(value) * Int64(mantissa)
    let rounded = (product + (Int64(1) &<< (shift - 1))) >> shift
    return Int32(clamping: rounded)
  }

  /// `(2·a·b + 2^31) / 2^32` with the division truncating towards zero after a signed nudge;
  /// saturates at the one overflow, `a = b = −2^31`.
  @inlinable
  public static func saturatingRoundingDoublingHighMultiply(_ a: Int32, _ b: Int32) -> Int32 {
    if a == b && a == Int32.min { return Int32.max }
    let product = Int64(a) * Int64(b)
    let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - (1 << 30)
    return Int32(truncatingIfNeeded: (product + nudge) / (1 << 31))
  }

  /// `value / 2^shift` rounded to nearest, ties away from zero.
  @inlinable
  public static func roundingShiftRight(_ value: Int32, _ shift: Int32) -> Int32 {
    guard shift > 0 else { return value }
    if shift > 31 { return 0 }
    let mask = Int32(truncatingIfNeeded: (Int64(1) << Int64(shift)) - 1)
    let remainder = value & mask
    let threshold = (mask >> 1) + (value < 0 ? 1 : 0)
    return (value >> shift) + (remainder > threshold ? 1 : 0)
  }
}
