/// The arithmetic mean over some axes.
///
/// Quantised: `requantise(Σ (x − zx)) + zy` with the factor `sx / (n · sy)`, the count folded into
/// it.
public struct ReduceMean: Reduction, Operation {
  public static let mnemonic = "reduce_mean"
  public static let summary = "y = (1/n) Σ x over the axes"
  public static let fields: [Field<ReduceMean>] = [
    .init("axes", \.axes, "the axes that are folded; negative ones count from the end"),
    .init("keep_dimensions", \.keepDimensions, "whether folded axes stay with extent 1"),
    .init("rounding", \.rounding, "how quantised sums are rounded"),
  ]
  public var axes: [Int] = []
  public var keepDimensions: Bool = true
  public var rounding: Rounding = .single
  static var rescales: Bool { true }

  public init() {}

  static func fold(_ values: UnsafeBufferPointer<Double>) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
  static func fold(_ values: UnsafeBufferPointer<Int>) -> Int {
    values.isEmpty ? 0 : values.reduce(0, &+) / values.count
  }

  /// The factor and rounding of the quantised form for an operand and result of these types.
  public func requantization(input: TensorType, output: TensorType) -> Requantization {
    let count = (try? normalizedAxes(rank: input.rank))?.map { input.shape[$0] }.reduce(1, *) ?? 1
    let (from, to) = (input.quantization?.scale ?? 1, output.quantization?.scale ?? 1)
    var result = Requantization(
      factors: [Double(from) / (Double(to) * Double(max(count, 1)))],
      output: output.quantization ?? Quantization(scale: 1), element: output.element,
      rounding: rounding)
    if rounding == .double {
      let whole = FixedPointMultiplier(Double(from) / Double(to))
      result.multipliers = [ReduceMean.divide(whole, by: max(count, 1))]
    }
    return result
  }

  /// `multiplier / count`, with the mantissa cut instead of rounded, as TFLite folds the count into
  /// the scale. Source: TFLite `reference_ops/reduce.h`, `QuantizedMeanOrSum` and `Mean`.
  private static func divide(_ multiplier: FixedPointMultiplier, by count: Int) -> FixedPointMultiplier {
    let magnitude = 63 - UInt64(count).leadingZeroBitCount
    let shift = max(0, min(magnitude, 32, 31 + Int(multiplier.exponent)))
    return FixedPointMultiplier(
      mantissa: Int32(clamping: (Int64(multiplier.mantissa) << Int64(shift)) / Int64(count)),
      exponent: multiplier.exponent - Int32(shift))
  }

  func reduceQuantized(_ x: Tensor, _ type: TensorType) -> Tensor {
    let requantization = requantization(input: x.type, output: type)
    let zero = Int(x.type.quantization?.zeroPoint ?? 0)
    let sums = (try? fold(x.integers(), x.shape) { $0.reduce(0) { $0 + $1 - zero } }) ?? []
    let stored = sums.map { Int(requantization.apply(Int32(clamping: $0), channel: 0)) }
    return Tensor.from(integers: stored, type.element, type.shape).reinterpreted(as: type)
  }
}
