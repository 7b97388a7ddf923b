/// How often values were seen, in bins of equal width over `[-limit, limit)`. The limit is a power
/// of two and doubles as larger values come, two bins becoming one: counts are exact, so the result
/// does not depend on the order in which values are seen.
struct Histogram: Sendable {
  static let binCount: Int = 8192

  private(set) var counts = [Int](repeating: 0, count: binCount)
  /// 0 while nothing but zeros was seen.
  private(set) var limit: Float = 0

  var width: Float { 2 * limit / Float(Histogram.binCount) }
  /// The middle of bin `index`.
  func center(_ index: Int) -> Float {
    (Float(index) + 0.5) * width - limit
  }

  mutating func add(_ values: UnsafeBufferPointer<Float>, largest: Float) {
    reach(largest)
    guard limit > 0 else {
      counts[Histogram.binCount / 2] += values.count
      return
    }
    let (scale, last) = (1 / width, Histogram.binCount - 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        counts[min(max(Int((value + limit) * scale), 0), last)] += 1
      }
    }
  }

  mutating func add(_ other: Histogram) {
    var other = other
    reach(other.limit)
    other.reach(limit)
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// Lets values up to `magnitude` in.
  private mutating func reach(_ magnitude: Float) {
    guard magnitude > 0, magnitude.isFinite else { return }
    if limit == 0 {
      limit = Float(sign: .plus, exponent: max(magnitude.exponent + 1, -120), significand: 1)
    }
    while limit < magnitude && limit.exponent < 126 {
      merge()
      limit *= 2
    }
  }

  private mutating func merge() {
    let half = Histogram.binCount / 2
    var merged = [Int](repeating: 0, count: Histogram.binCount)
    for index in 0..<half { merged[half / 2 + index] = counts[2 * index] + counts[2 * index + 1] }
    counts = merged
  }
}
