/// The logarithm of softmax in integers alone, for 8-bit types: results have scale 1/16 and end at
/// the highest stored value, which means 0.
///
/// Source: TFLite `reference_ops/log_softmax.h`, `LogSoftmaxQuantized`, and `quantization_util.cc`,
/// `PreprocessLogSoftmaxScalingExp`.
public struct IntegerLogSoftmax: Hashable, Sendable {
  /// The factor on differences, which gives 5 integer bits.
  public let multiplier: FixedPointMultiplier
  /// The inverse factor, back to stored differences.
  public let inverse: FixedPointMultiplier
  /// Differences below this contribute nothing.
  public let smallestDifference: Int32

  public init(inputScale: Float) {
    let softmax = IntegerSoftmax(inputScale: inputScale, beta: 1)
    multiplier = softmax.multiplier
    smallestDifference = softmax.smallestDifference
    let one = Double(Int64(1) << Int64(max(31 - multiplier.exponent, 0)))
    inverse = FixedPointMultiplier(one / Double(max(multiplier.mantissa, 1)))
  }

  /// One row of stored inputs to stored outputs.
  public func apply(_ row: [Int32], element: ElementType) -> [Int32] {
    typealias F = FixedPointFunctions<Int32>
    let lowest = Int32(element.integerRange?.lowerBound ?? -128)
    let highest = Int32(element.integerRange?.upperBound ?? 127)
    guard let largest = row.max() else { return [] }
    var sum: Int32 = 0
    for value in row where value - largest >= smallestDifference {
      let scaled = multiplier.applyDouble(value - largest)
      sum &+= F.shiftRight(F.exponential(scaled, integerBits: 5), 12)
    }
    let logarithm = F.logarithm(sum)
    let floor = inverse.applyDouble(logarithm &+ Int32.min)
    let threshold = max(smallestDifference - 1, floor)
    return row.map { value in
      guard value - largest > threshold else { return lowest }
      let scaled = multiplier.applyDouble(value - largest)
      let output = F.shiftRight(scaled &- logarithm, 31 - 5 - 4) &+ highest
      return min(max(output, lowest), highest)
    }
  }
}
