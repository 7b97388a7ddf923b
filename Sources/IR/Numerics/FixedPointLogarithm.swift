extension FixedPointFunctions<Int32> {
  /// `ln x` with 5 integer bits, for `x ≥ 1` with 12.
  ///
  /// Source: TFLite `internal/common.h`, `log_x_for_x_greater_than_or_equal_to_1`: the power of two
  /// times ln 2, and for the rest a rational function around 2^(−1/4).
  public static func logarithm(_ x: Int32) -> Int32 {
    let (log2, sqrtHalf): (Int32, Int32) = (1_488_522_236, 1_518_500_250)
    let (inputBits, accumulatorBits) = (12, 6)
    let quarter = shiftRight(536_870_912, accumulatorBits)
    let headroom = Int(x.leadingZeroBitCount)
    let first = shiftLeft(multiply(shiftLeft(x, headroom - 1), sqrtHalf), 1)
    let firstPower = add(power(inputBits - headroom, accumulatorBits), quarter)
    let otherHeadroom = Int(multiply(x, sqrtHalf).leadingZeroBitCount) - 1
    let second = shiftLeft(x, otherHeadroom)
    let secondPower = add(power(inputBits - otherHeadroom, accumulatorBits), -quarter)
    let scaled = multiply(max(firstPower, secondPower), log2)
    let rest = multiplyFraction(min(first, second), accumulatorBits)
    return shiftLeft(scaled &+ rest, 1)
  }

  private static func power(_ exponent: Int, _ bits: Int) -> Int32 {
    shiftLeft(Int32(exponent), 31 - bits)
  }

  private static func add(_ a: Int32, _ b: Int32) -> Int32 {
    Int32(clamping: Int64(a) + Int64(b))
  }

  /// `ln` of `r · 2^(1/4)` for `r` around 2^(−1/4), with `bits` integer bits.
  private static func multiplyFraction(_ r: Int32, _ bits: Int) -> Int32 {
    let center: Int32 = 1_805_811_301
    let (alphaN, alphaD): (Int32, Int32) = (117_049_297, 127_690_142)
    let (alphaI, alphaF): (Int32, Int32) = (1_057_819_769, 638_450_708)
    let p = halfSum(r, center)
    let distance = r &- center
    let q = distance &+ distance
    let square = multiply(q, q)
    let numerator = multiply(q, r) &+ multiply(multiply(q, square), alphaN)
    let inner = alphaI &+ q &+ multiply(alphaD, square)
    let denominator = multiply(p, inner) &+ multiply(alphaF, q)
    return multiply(shiftRight(numerator, bits), reciprocalOfOnePlus(denominator))
  }
}
