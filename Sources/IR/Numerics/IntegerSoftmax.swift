/// Softmax in integers alone, as TFLite's reference kernel computes it for 8-bit types.
///
/// Source: TFLite `reference_ops/softmax.h`; the functions are `FixedPointFunctions`. Raw `Qm.n`
/// numbers are `Int32` with m integer bits.
public struct IntegerSoftmax: Hashable, Sendable {
  private typealias Functions = FixedPointFunctions<Int32>

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
      let bits = Int(IntegerSoftmax.differenceBits)
      return Functions.exponential(scaled(difference), integerBits: bits)
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

  /// `1 / x` for `x` in Q12.19, as a Q0.31 mantissa and the bits by which it is too large.
  private static func reciprocal(_ x: Int32) -> (mantissa: Int32, excess: Int32) {
    let headroom = Int32(x.leadingZeroBitCount)
    let excess = sumBits - headroom
    let shifted = UInt32(bitPattern: x) << UInt32(headroom)
    return (Functions.reciprocalOfOnePlus(Int32(bitPattern: shifted &- (1 << 31))), excess)
  }
}
