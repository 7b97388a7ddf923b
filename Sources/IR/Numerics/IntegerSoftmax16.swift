/// Softmax on 16-bit integers, with tables for `e^x` on [−10, 0] and `1 / (1 + x)` on [0, 1].
/// Results have scale 2^−15.
///
/// Source: TFLite `reference_ops/softmax.h`, `SoftmaxInt16`, and `activations.cc` (`Prepare`).
public struct IntegerSoftmax16: Sendable {
  /// From stored differences to steps of 10/65535.
  public let multiplier: FixedPointMultiplier
  public let exponential: InterpolatedTable
  public let reciprocal: InterpolatedTable

  public init(inputScale: Float, beta: Float) {
    multiplier = FixedPointMultiplier(Double(inputScale) * Double(beta) / (10.0 / 65535.0))
    let output = Quantization(scale: 2.0 / 65535)
    exponential = InterpolatedTable(
      input: Quantization(scale: 10.0 / 65535, zeroPoint: 32767), output: output
    ) { Float.exponential($0) }
    reciprocal = InterpolatedTable(
      input: Quantization(scale: 1.0 / 65535, zeroPoint: -32768), output: output
    ) { 1 / (1 + $0) }
  }

  /// One row of stored inputs to stored outputs.
  public func apply(_ row: [Int32]) -> [Int32] {
    guard let largest = row.max() else { return [] }
    let exponentials = row.map { value -> Int32 in
      let scaled = Int64(multiplier.applyDouble(value - largest)) + 32767
      return exponential(Int32(min(max(scaled, -32768), 32767)))
    }
    let sum: Int32 = exponentials.reduce(0, &+)
    let headroom = max(sum, 1).leadingZeroBitCount
    let shifted = (Int64(sum) << Int64(headroom - 1) + (1 << 13)) >> 14
    let factor = Int64(reciprocal(Int32(min(max(shifted - 98304, -32768), 32767))))
    let shift = Int64(31 - headroom)
    let rounding: Int64 = 1 << (shift - 1)
    return exponentials.map { value in
      let product = (Int64(value) * factor + rounding) >> shift
      return Int32(min(max(product, 0), 32767))
    }
  }
}
