import IR

/// Softmax over int8 in fixed point, bit for bit as TFLite's reference kernel: differences with 5
/// integer bits, exponentials with none, their sum with 12.
///
/// The exponential and the reciprocal are gemmlowp's (`fixedpoint/fixedpoint.h`): a fourth-order
/// Taylor polynomial around −1/8 with a barrel of constants `exp(−2^k)`, and three Newton-Raphson
/// steps for `1 / (1 + x)`.
struct NPUFixedPointSoftmax {
  private static let differenceBits: Int32 = 5
  private static let sumBits: Int32 = 12

  let scale: FixedPointMultiplier
  let minimumDifference: Int32

  func apply(
    _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, count: Int
  ) {
    var largest: Int8 = Int8.min
    for index in 0..<count { largest = max(largest, input[index]) }
    var sum: Int32 = 0
    for index in 0..<count {
      let difference: Int32 = Int32(input[index]) - Int32(largest)
      guard difference >= minimumDifference else { continue }
      sum = sum &+ FixedPointMultiplier.roundingShiftRight(exponential(difference), Self.sumBits)
    }
    let headroom = Int32(sum.leadingZeroBitCount)
    let overUnit: Int32 = Self.sumBits - headroom
    let normalised = UInt32(bitPattern: sum) &<< UInt32(headroom)
    let fraction = Int32(truncatingIfNeeded: normalised &- (1 << 31))
    let reciprocal: Int32 = Self.reciprocal(onePlus: fraction)
    for index in 0..<count {
      let difference: Int32 = Int32(input[index]) - Int32(largest)
      guard difference >= minimumDifference else {
        output[index] = Int8.min
        continue
      }
      let product: Int32 = multiply(reciprocal, exponential(difference))
      let unbounded = FixedPointMultiplier.roundingShiftRight(product, overUnit + 31 - 8)
      output[index] = Int8(clamping: Int(unbounded) - 128)
    }
  }

  /// `exp(difference · scale)` with no integer bits; `difference ≤ 0`.
  private func exponential(_ difference: Int32) -> Int32 {
    let shifted: Int32 = difference &<< max(0, min(31, scale.exponent))
    let scaled = FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(
      shifted, scale.mantissa)
    return Self.exponential(scaled)
  }

  private static func exponential(_ value: Int32) -> Int32 {
    let fractionBits: Int32 = 31 - differenceBits
    let quarter: Int32 = 1 << (fractionBits - 2)
    let remainderBase: Int32 = (value & (quarter - 1)) - quarter
    var result: Int32 = polynomial(saturatingShiftLeft(remainderBase, differenceBits))
    let remainder: Int32 = remainderBase &- value
    var power: Int32 = -2
    for factor in barrel {
      if remainder & (1 << (fractionBits + power)) != 0 { result = multiply(result, factor) }
      power += 1
    }
    return value == 0 ? Int32.max : result
  }

  /// `exp(−2^k)` for k = −2…4, with no integer bits.
  private static let barrel: [Int32] = [
    1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242,
  ]

  /// `exp(value)` for value in [−1/4, 0).
  private static func polynomial(_ value: Int32) -> Int32 {
    let constant: Int32 = 1_895_147_668
    let third: Int32 = 715_827_883
    let x: Int32 = value &+ (1 << 28)
    let x2: Int32 = multiply(x, x)
    let x3: Int32 = multiply(x2, x)
    let x4: Int32 = multiply(x2, x2)
    let quarter: Int32 = FixedPointMultiplier.roundingShiftRight(x4, 2)
    let inner: Int32 = multiply(quarter &+ x3, third) &+ x2
    let tail: Int32 = FixedPointMultiplier.roundingShiftRight(inner, 1)
    return constant &+ multiply(constant, x &+ tail)
  }

  /// `1 / (1 + value)` for value in [0, 1), no integer bits.
  private static func reciprocal(onePlus value: Int32) -> Int32 {
    let total: Int64 = Int64(value) + Int64(Int32.max)
    let half = Int32(truncatingIfNeeded: (total + (total >= 0 ? 1 : -1)) / 2)
    var x: Int32 = 1_515_870_810 &+ multiply(half, -1_010_580_540)
    for _ in 0..<3 {
      let remainder: Int32 = (1 << 29) &- multiply(half, x)
      x = x &+ saturatingShiftLeft(multiply(x, remainder), 2)
    }
    return saturatingShiftLeft(x, 1)
  }

  private static func saturatingShiftLeft(_ value: Int32, _ bits: Int32) -> Int32 {
    Int32(clamping: Int64(value) << Int64(bits))
  }
}

/// gemmlowp's product of two fixed-point numbers.
private func multiply(_ a: Int32, _ b: Int32) -> Int32 {
  FixedPointMultiplier.saturatingRoundingDoublingHighMultiply(a, b)
}
