import IR

/// What the elements of one channel may be: stored integers of a quantised value, else numbers.
struct ChannelRange: Hashable, Sendable {
  var low: Double
  var high: Double

  init(_ low: Double, _ high: Double) {
    self.low = low
    self.high = high
  }

  /// Whatever `type` can hold.
  init(all type: TensorType) {
    guard type.isQuantized, let range = type.element.integerRange else {
      self.init(-.infinity, .infinity)
      return
    }
    self.init(Double(range.lowerBound), Double(range.upperBound))
  }

  /// The one value of a channel that is constant for every input.
  var constant: Double? { low == high && low.isFinite ? low : nil }

  func joined(with other: ChannelRange) -> ChannelRange {
    ChannelRange(min(low, other.low), max(high, other.high))
  }
}

extension TensorType {
  /// The extent of the last axis, which is the channels'; nil where it is unknown or there is none.
  var channels: Int? {
    guard let last = shape.dimensions.last, last > 0 else { return nil }
    return last
  }
}
