import IR

/// What the sum behind one output channel may be.
struct ChannelSum {
  private(set) var range: ChannelRange
  /// The sum of the magnitudes of all terms, which bounds rounding.
  private(set) var magnitude: Double

  init(_ start: Double) {
    range = ChannelRange(start, start)
    magnitude = start.magnitude
  }

  /// Adds `weight · (x − zero)` for an x within `input`, or nothing where the tap is in the padding.
  mutating func add(_ weight: Double, _ input: ChannelRange, zero: Double, isPadded: Bool) {
    guard weight != 0 else { return }
    let (a, b) = (weight * (input.low - zero), weight * (input.high - zero))
    var term = ChannelRange(min(a, b), max(a, b))
    if isPadded { term = term.joined(with: ChannelRange(0, 0)) }
    range.low += term.low
    range.high += term.high
    magnitude += max(term.low.magnitude, term.high.magnitude)
  }
}

/// How sums become the results of a layer.
struct ChannelSums {
  let input: TensorType
  let weights: TensorType
  let result: TensorType
  let bounds: (low: Float, high: Float)
  let rounding: Rounding

  /// A channel is constant where no input with a weight reaches it, or where all its sums lie behind
  /// a bound.
  func results(_ sums: [ChannelSum]) -> [ChannelRange] {
    result.isQuantized ? stored(sums) : sums.map { real($0) }
  }

  /// In floats a sum may be off by its rounding.
  private func real(_ sum: ChannelSum) -> ChannelRange {
    let range = sum.range
    guard !range.low.isNaN, !range.high.isNaN else { return ChannelRange(all: result) }
    let slack: Double = range.low == range.high ? 0 : 1e-4 * sum.magnitude
    let low = slack.isFinite ? range.low - slack : -.infinity
    let high = slack.isFinite ? range.high + slack : .infinity
    let cut = { (value: Double) in min(max(value, Double(bounds.low)), Double(bounds.high)) }
    return ChannelRange(cut(low), cut(high))
  }

  /// Through the integer arithmetic of the layer, which grows with its sum where nothing overflows.
  private func stored(_ sums: [ChannelSum]) -> [ChannelRange] {
    let form = Requantization(
      input: input, weights: weights, output: result, clamp: bounds, rounding: rounding)
    return sums.enumerated().map { channel, sum in
      let multiplier = form.multipliers[form.multipliers.count == 1 ? 0 : channel]
      let limit: Double = 0x1p30 / Double(1 << max(multiplier.exponent, 0))
      guard sum.range.low > -limit, sum.range.high < limit else {
        return ChannelRange(Double(form.lowest), Double(form.highest))
      }
      return ChannelRange(
        Double(form.apply(Int32(sum.range.low), channel: channel)),
        Double(form.apply(Int32(sum.range.high), channel: channel)))
    }
  }
}
