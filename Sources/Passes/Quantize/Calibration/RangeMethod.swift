import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How the range that 256 steps are spread over follows from what was seen.
public enum RangeMethod: String, Hashable, Sendable, CaseIterable {
  /// All that was seen.
  case minmax
  /// The mean of the samples' ranges, later ones weighing more.
  case movingAverage = "moving-average"
  /// What is left when the outermost values are cut off.
  case percentile
  /// The range whose rounding and cutting make the least squared error.
  case mse
  /// The range whose 8-bit distribution diverges least from the one seen (Kullback-Leibler).
  case entropy

  func range(_ statistics: ValueStatistics, percentile: Double) -> ClosedRange<Float> {
    let all = statistics.range
    switch self {
    case .minmax: return all
    case .movingAverage: return RangeMethod.average(statistics.sampleRanges)
    case .percentile: return RangeMethod.cut(statistics.histogram, all, percentile / 100)
    case .mse: return SquaredErrorSearch(statistics.histogram).best(within: all)
    case .entropy: return EntropySearch(statistics.histogram).best(within: all)
    }
  }

  /// With momentum 0.99, as observers of training frameworks have it; the first sample starts.
  private static func average(_ ranges: [ClosedRange<Float>]) -> ClosedRange<Float> {
    guard let first = ranges.first else { return 0...0 }
    var (low, high) = (first.lowerBound, first.upperBound)
    for range in ranges.dropFirst() {
      low += (range.lowerBound - low) * 0.01
      high += (range.upperBound - high) * 0.01
    }
    return min(low, high)...max(low, high)
  }

  /// The narrowest range that leaves out `1 − part` of the values, half at each end.
  private static func cut(
    _ histogram: Histogram, _ all: ClosedRange<Float>, _ part: Double
  ) -> ClosedRange<Float> {
    let total = histogram.counts.reduce(0, +)
    guard total > 0, histogram.limit > 0 else { return all }
    let spare = Double(total) * (1 - part) / 2
    func outermost(_ indices: some Sequence<Int>) -> Int {
      var passed = 0
      for index in indices {
        passed += histogram.counts[index]
        if Double(passed) > spare { return index }
      }
      return Histogram.binCount / 2
    }
    let low = histogram.center(outermost(histogram.counts.indices)) - histogram.width / 2
    let high = histogram.center(outermost(histogram.counts.indices.reversed())) + histogram.width / 2
    let (bottom, top) = (max(low, all.lowerBound), min(high, all.upperBound))
    return bottom <= top ? bottom...top : all
  }
}

/// Seeks the range with the least squared error of quantisation over a histogram.
struct SquaredErrorSearch {
  private let bins: [(center: Float, count: Float)]

  init(_ histogram: Histogram) {
    bins = histogram.counts.indices.compactMap { index in
      let count = histogram.counts[index]
      return count == 0 ? nil : (histogram.center(index), Float(count))
    }
  }

  /// Each end in turn, the other held: twice, which is enough for the second to see the first.
  func best(within all: ClosedRange<Float>) -> ClosedRange<Float> {
    var (low, high) = (min(all.lowerBound, 0), max(all.upperBound, 0))
    guard high > low else { return all }
    for _ in 0..<2 {
      high = SquaredErrorSearch.candidates(high).min { error(low, $0) < error(low, $1) } ?? high
      low = SquaredErrorSearch.candidates(low).min { error($0, high) < error($1, high) } ?? low
    }
    return low...high
  }

  /// From half of `end` to all of it.
  private static func candidates(_ end: Float) -> [Float] {
    end == 0 ? [0] : (50...100).reversed().map { end * Float($0) / 100 }
  }

  private func error(_ low: Float, _ high: Float) -> Double {
    let step = (high - low) / 255
    guard step > 0 else { return .infinity }
    let zero = (-low / step).rounded()
    let inverse = 1 / step
    var sum: Double = 0
    for (center, count) in bins {
      let stored = min(max((center * inverse).rounded(.toNearestOrEven) + zero, 0), 255)
      let miss = (stored - zero) * step - center
      sum += Double(miss * miss * count)
    }
    return sum
  }
}

/// Seeks the range whose quantised distribution diverges least from the one seen.
///
/// Source: S. Migacz, "8-bit Inference with TensorRT", GTC 2017.
struct EntropySearch {
  private let histogram: Histogram

  init(_ histogram: Histogram) { self.histogram = histogram }

  func best(within all: ClosedRange<Float>) -> ClosedRange<Float> {
    let (low, high) = (min(all.lowerBound, 0), max(all.upperBound, 0))
    guard high > low, histogram.limit > 0 else { return all }
    var best = (divergence: Double.infinity, factor: Float(1))
    for percent in stride(from: 100, through: 20, by: -1) {
      let factor = Float(percent) / 100
      let divergence = divergence(low * factor, high * factor)
      if divergence < best.divergence { best = (divergence, factor) }
    }
    return (low * best.factor)...(high * best.factor)
  }

  private func divergence(_ low: Float, _ high: Float) -> Double {
    let first = index(low)
    let last = index(high)
    guard last - first >= 256 else { return .infinity }
    var kept = histogram.counts[first...last].map { Double($0) }
    let shape = kept
    // What is cut off lands in the outermost bins.
    kept[0] += Double(histogram.counts[..<first].reduce(0, +))
    kept[kept.count - 1] += Double(histogram.counts[(last + 1)...].reduce(0, +))
    let total = kept.reduce(0, +)
    var result: Double = 0
    for step in 0..<256 {
      let (start, end) = (step * kept.count / 256, (step + 1) * kept.count / 256)
      let occupied = shape[start..<end].count { $0 > 0 }
      let mass = shape[start..<end].reduce(0, +)
      for index in start..<end where kept[index] > 0 {
        let expected = shape[index] > 0 ? mass / Double(occupied) : 1e-4
        result += kept[index] / total * log2(kept[index] / max(expected, 1e-4))
      }
    }
    return result
  }

  private func index(_ value: Float) -> Int {
    let place = Int((value + histogram.limit) / histogram.width)
    return min(max(place, 0), Histogram.binCount - 1)
  }
}

/// The C library's, for what needs no more than it.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
