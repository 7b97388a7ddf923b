/// Softmax in integers alone, as TFLite's reference kernel computes it for 8-bit types.
///
/// Source: TFLite `reference_ops/softmax.h` and gemmlowp `fixedpoint.h`: exponentials of negative
/// values as a polynomial on (−1/4, 0] and a chain of constant factors; the reciprocal of the sum by
/// three Newton steps. Raw `Qm.n` numbers are `Int32` with m integer bits.
public struct IntegerSoftmax: Hashable, Sendable {
  /// Integer bits of a scaled difference, and of the sum of exponentials.
  static let differenceBits: Int32 = 5
  static let sumBits: Int32 = 12

  /// The factor `β · input scale` on differences, in Q5.26.
  public let multiplier: FixedPointMultiplier
  /// Differences below this contribute nothing.
  public let smallestDifference: Int32

  public init(inputScale: Float, beta: Float) {
    let real = min(
      Double(beta) * Double(inputScale) * Double(1 << (31 - IntegerSoftmax.differenceBits)),
      2_147_483_647.0)
    multiplier = FixedPointMultiplier(real)
    let radius = 31.0 * Double(1 << (31 - IntegerSoftmax.differenceBits))
    let shift = Double(sign: .plus, exponent: Int(multiplier.exponent), significand: 1)
    smallestDifference = -Int32(min((radius / shift).rounded(.down), 2_147_483_647))
  }

  /// One row: stored inputs to stored outputs with scale 1/256 and zero point −128 (`i8`), or the
  /// full range of `element` from its lowest value.
  public func apply(_ row: [Int32], element: ElementType) -> [Int32] {
    let lowest = Int32(element.integerRange?.lowerBound ?? -128)
    let highest = Int32(element.integerRange?.upperBound ?? 127)
    guard let largest = row.max() else { return [] }
    let exponentials = row.map { value -> Int32? in
      let difference = value - largest
      guard difference >= smallestDifference else { return nil }
      return IntegerSoftmax.exponential(scaled(difference))
    }
    var sum: Int32 = 0
    for case let value? in exponentials {
      sum &+= FixedPointMultiplier.roundingShiftRight(value, IntegerSoftmax.sumBits)
    }
    let (reciprocal, excess) = IntegerSoftmax.reciprocal(sum)
    let shift = excess + 31 - Int32(element.bitWidth)
    return exponentials.map { value in
      guard let value else { return lowest }
      let product = FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(reciprocal, value)
      let output = FixedPointMultiplier.roundingShiftRight(product, shift) &+ lowest
      return min(max(output, lowest), highest)
    }
  }

  private func scaled(_ difference: Int32) -> Int32 {
    FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(
      difference &<< multiplier.exponent, multiplier.mantissa)
  }

  /// `e^a` in Q0.31 for `a ≤ 0` in Q5.26.
  static func exponential(_ a: Int32) -> Int32 {
    if a == 0 { return Int32.max }
    let quarter: Int32 = 1 << 24
    let fraction = (a & (quarter - 1)) - quarter
    var result = exponentialNearZero(shiftLeftSaturating(fraction, 5))
    let remainder = fraction &- a
    // e^−(2^k) for k = −2 … 4, in Q0.31.
    let factors: [Int32] = [
      1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242,
    ]
    for (index, factor) in factors.enumerated()
    where remainder & (1 << Int32(24 + index)) != 0 {
      result = FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(result, factor)
    }
    return result
  }

  /// `e^a` in Q0.31 for `a` in (−1/4, 0], Q0.31: a Taylor series of degree 4 around −1/8.
  private static func exponentialNearZero(_ a: Int32) -> Int32 {
    typealias F = FixedPointMultiplier
    let center: Int32 = 1_895_147_668
    let third: Int32 = 715_827_883
    let x = a &+ (1 << 28)
    let x2 = F.saturatingRoundingDoublingHighMultiply(x, x)
    let x3 = F.saturatingRoundingDoublingHighMultiply(x2, x)
    let x4 = F.saturatingRoundingDoublingHighMultiply(x2, x2)
    let quarter = F.roundingShiftRight(x4, 2)
    let inner = F.saturatingRoundingDoublingHighMultiply(quarter &+ x3, third) &+ x2
    let tail = F.roundingShiftRight(inner, 1)
    return addSaturating(
      center, F.saturatingRoundingDoublingHighMultiply(center, x &+ tail))
  }

  /// `1 / x` for `x` in Q12.19, as a Q0.31 mantissa and the bits by which it is too large.
  private static func reciprocal(_ x: Int32) -> (mantissa: Int32, excess: Int32) {
    let headroom = Int32(x.leadingZeroBitCount)
    let excess = sumBits - headroom
    let shifted = UInt32(bitPattern: x) << UInt32(headroom)
    return (overOnePlus(Int32(bitPattern: shifted &- (1 << 31))), excess)
  }

  /// `1 / (1 + x)` in Q0.31 for `x` in [0, 1), Q0.31.
  private static func overOnePlus(_ x: Int32) -> Int32 {
    typealias F = FixedPointMultiplier
    let sum = Int64(x) + Int64(Int32.max)
    let half = Int32((sum + (sum >= 0 ? 1 : -1)) / 2)
    // 48/17 and −32/17 in Q2.29: the best linear start for Newton's iteration on [1/2, 1].
    var y = 1_515_870_810 &+ F.saturatingRoundingDoublingHighMultiply(half, -1_010_580_540)
    for _ in 0..<3 {
      let product = F.saturatingRoundingDoublingHighMultiply(half, y)
      let error = (1 << 29) &- product
      let step = F.saturatingRoundingDoublingHighMultiply(y, error)
      y = y &+ shiftLeftSaturating(step, 2)
    }
    return shiftLeftSaturating(y, 1)
  }

  private static func shiftLeftSaturating(_ x: Int32, _ shift: Int32) -> Int32 {
    Int32(clamping: Int64(x) << Int64(shift))
  }

  private static func addSaturating(_ a: Int32, _ b: Int32) -> Int32 {
    Int32(clamping: Int64(a) + Int64(b))
  }
}
