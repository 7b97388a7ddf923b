/// Elementary functions on raw `Qm.n` numbers of 16 or 32 bits, `m` integer bits besides the sign.
///
/// Source: gemmlowp `fixedpoint/fixedpoint.h`. Its constants are given there for 32 bits and
/// rounded to 16.
public enum FixedPointFunctions<Raw: FixedWidthInteger & SignedInteger> {
  /// The product of two numbers; integer bits add up. The one overflow saturates.
  @inlinable
  public static func multiply(_ a: Raw, _ b: Raw) -> Raw {
    if a == b && a == Raw.min { return Raw.max }
    let product = Int64(a) * Int64(b)
    let half = Int64(1) << Int64(Raw.bitWidth - 2)
    let nudge = product >= 0 ? half : 1 - half
    return Raw(truncatingIfNeeded: (product + nudge) / (half * 2))
  }

  /// `x · 2^count`, saturated: a change to `count` fewer integer bits.
  @inlinable
  public static func shiftLeft(_ x: Raw, _ count: Int) -> Raw {
    Raw(clamping: Int64(x) << Int64(count))
  }

  /// `x / 2^count` to nearest, ties away from zero: a change to `count` more integer bits.
  @inlinable
  public static func shiftRight(_ x: Raw, _ count: Int) -> Raw {
    Raw(truncatingIfNeeded: FixedPointMultiplier.roundingShiftRight(Int32(x), Int32(count)))
  }

  /// `(a + b) / 2`, away from zero where it is not whole.
  @inlinable
  public static func halfSum(_ a: Raw, _ b: Raw) -> Raw {
    let sum = Int64(a) + Int64(b)
    return Raw(truncatingIfNeeded: (sum + (sum >= 0 ? 1 : -1)) / 2)
  }

  /// A constant given with 32 bits.
  @inlinable
  static func constant(_ value: Int32) -> Raw {
    let excess = Int32(32 - Raw.bitWidth)
    return Raw(truncatingIfNeeded: FixedPointMultiplier.roundingShiftRight(value, excess))
  }

  /// `e^a` with no integer bits, for `a ≤ 0`: a polynomial on (−1/4, 0] and a chain of factors.
  public static func exponential(_ a: Raw, integerBits: Int) -> Raw {
    if a == 0 { return Raw.max }
    let fractionBits = Raw.bitWidth - 1 - integerBits
    let quarter: Raw = 1 << Raw(fractionBits - 2)
    let fraction = (a & (quarter - 1)) - quarter
    var result = exponentialNearZero(shiftLeft(fraction, integerBits))
    let remainder = fraction &- a
    // e^−(2^k) for k = −2 … 4.
    let factors: [Int32] = [
      1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242,
    ]
    for (index, factor) in factors.enumerated() where index - 2 < integerBits {
      guard remainder & (1 << Raw(fractionBits + index - 2)) != 0 else { continue }
      result = multiply(result, constant(factor))
    }
    if integerBits > 5, a < -(1 << Raw(fractionBits + 5)) { return 0 }
    return result
  }

  /// `e^a` for `a` in (−1/4, 0], no integer bits: a Taylor series of degree 4 around −1/8.
  private static func exponentialNearZero(_ a: Raw) -> Raw {
    let center = constant(1_895_147_668)
    let x = a &+ (1 << Raw(Raw.bitWidth - 4))
    let x2 = multiply(x, x)
    let x3 = multiply(x2, x)
    let quarter = shiftRight(multiply(x2, x2), 2)
    let inner = multiply(quarter &+ x3, constant(715_827_883)) &+ x2
    let tail = shiftRight(inner, 1)
    return Raw(clamping: Int64(center) + Int64(multiply(center, x &+ tail)))
  }

  /// `1 / (1 + x)` with no integer bits, for `x` in [0, 1) with none.
  public static func reciprocalOfOnePlus(_ x: Raw) -> Raw {
    shiftLeft(doubleReciprocalOfOnePlus(x), 1)
  }

  /// `2 / (1 + x)` with two integer bits: three Newton steps from the best linear start on
  /// [1/2, 1], `48/17 − 32/17 · d`.
  private static func doubleReciprocalOfOnePlus(_ x: Raw) -> Raw {
    let half = halfSum(x, Raw.max)
    var y = constant(1_515_870_810) &+ multiply(half, constant(-1_010_580_540))
    for _ in 0..<3 {
      let error = (1 << Raw(Raw.bitWidth - 3)) &- multiply(half, y)
      y = y &+ shiftLeft(multiply(y, error), 2)
    }
    return y
  }

  /// `1 / (1 + e^−a)` with no integer bits.
  public static func logistic(_ a: Raw, integerBits: Int) -> Raw {
    if a == 0 { return 1 << Raw(Raw.bitWidth - 2) }
    let exponential = exponential(a > 0 ? 0 &- a : a, integerBits: integerBits)
    let positive = reciprocalOfOnePlus(exponential)
    return a > 0 ? positive : Raw.max &- positive
  }

  /// `tanh a` with no integer bits.
  public static func hyperbolicTangent(_ a: Raw, integerBits: Int) -> Raw {
    if a == 0 { return 0 }
    // The same bits with one more integer bit are 2a.
    let exponential = exponential(a > 0 ? 0 &- a : a, integerBits: integerBits + 1)
    let one: Raw = 1 << Raw(Raw.bitWidth - 3)
    let positive = shiftLeft(doubleReciprocalOfOnePlus(exponential) &- one, 2)
    return a > 0 ? positive : 0 &- positive
  }
}
