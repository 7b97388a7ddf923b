import IR

/// What calibration saw of one float value.
struct ValueStatistics: Sendable {
  /// The smallest and largest element of each sample, in canonical order.
  fileprivate(set) var sampleRanges: [ClosedRange<Float>] = []
  fileprivate(set) var histogram = Histogram()
  /// By index of the last axis.
  fileprivate(set) var channels = ChannelStatistics()

  var range: ClosedRange<Float> {
    let low = sampleRanges.reduce(Float.infinity) { min($0, $1.lowerBound) }
    let high = sampleRanges.reduce(-Float.infinity) { max($0, $1.upperBound) }
    return min(low, high)...max(low, high)
  }
}

/// Per index of a value's last axis.
struct ChannelStatistics: Sendable {
  fileprivate(set) var maximum: [Float] = []
  fileprivate var sums: [Double] = []
  fileprivate var squares: [Double] = []
  fileprivate var count: Int = 0

  func mean(_ channel: Int) -> Double { sums[channel] / Double(max(count, 1)) }
  func deviation(_ channel: Int) -> Double {
    let mean = mean(channel)
    return max(squares[channel] / Double(max(count, 1)) - mean * mean, 0).squareRoot()
  }
}

/// The statistics of every float value of a function over all calibration samples.
struct Statistics: Sendable {
  /// What is to be counted besides ranges.
  struct Wanted: OptionSet, Sendable {
    let rawValue: Int
    static let histograms = Wanted(rawValue: 1)
    static let channels = Wanted(rawValue: 2)
  }

  private(set) var values: [Value: ValueStatistics] = [:]

  subscript(value: Value) -> ValueStatistics? { values[value] }

  /// Runs every sample through the interpreter, samples side by side.
  ///
  /// - Parameter samples: in canonical order.
  /// - Throws: `Diagnostic` naming the node whose result is not finite.
  init(
    _ function: Function, _ samples: [[Tensor]], _ wanted: Wanted, _ context: PassContext
  ) throws {
    let progress = SharedProgress("calibrating", samples.count, context.progress)
    // Few chunks, since each has counts of its own; their number does not show in the result.
    let chunkCount = min(samples.count, Statistics.chunkCount)
    let chunks = try concurrentMap(chunkCount) { chunk in
      let collector = Collector(wanted)
      let interpreter = Interpreter(function) { value, tensor in collector.see(value, tensor) }
      for index in samples.indices where index % chunkCount == chunk {
        collector.sample = index
        _ = try interpreter.run(samples[index])
        progress.advance()
      }
      return collector.seen
    }
    for (value, partial) in Statistics.joined(chunks) {
      guard partial.isFinite else {
        let node = function.graph.producer(of: value).map { function.graph[$0] }
        throw Diagnostic.error(
          "calibration gives infinite or undefined numbers", place: node?.location.summary,
          help: ["check the calibration data's scaling against what the model was trained on"])
      }
      values[value] = partial.statistics
    }
  }

  private static let chunkCount: Int = 8

  private static func joined(_ chunks: [[Value: Partial]]) -> [Value: Partial] {
    var joined: [Value: Partial] = [:]
    for chunk in chunks {
      for (value, partial) in chunk { joined[value, default: Partial()].add(partial) }
    }
    return joined
  }

  /// One chunk's view of one value: sums stay apart by sample until all are there.
  fileprivate struct Partial: Sendable {
    struct Seen: Sendable {
      let sample: Int
      let range: ClosedRange<Float>
      var sums: [Double] = []
      var squares: [Double] = []
    }
    var isFinite: Bool = true
    var seen: [Seen] = []
    var histogram = Histogram()
    var maximum: [Float] = []
    var rows: Int = 0

    mutating func add(_ other: Partial) {
      isFinite = isFinite && other.isFinite
      seen += other.seen
      histogram.add(other.histogram)
      addRows(other.rows, other.maximum)
    }

    mutating func addRows(_ count: Int, _ largest: [Float]) {
      rows += count
      if maximum.isEmpty { maximum = largest }
      for (index, value) in largest.enumerated() where index < maximum.count {
        maximum[index] = max(maximum[index], value)
      }
    }

    var statistics: ValueStatistics {
      var result = ValueStatistics()
      let ordered = seen.sorted { $0.sample < $1.sample }
      result.sampleRanges = ordered.map(\.range)
      result.histogram = histogram
      result.channels.maximum = maximum
      result.channels.count = rows
      for part in ordered where !part.sums.isEmpty {
        if result.channels.sums.isEmpty {
          (result.channels.sums, result.channels.squares) = (part.sums, part.squares)
          continue
        }
        for index in part.sums.indices where index < result.channels.sums.count {
          result.channels.sums[index] += part.sums[index]
          result.channels.squares[index] += part.squares[index]
        }
      }
      return result
    }
  }

  /// Used from one thread: an interpreter calls its hook as it goes.
  private final class Collector: @unchecked Sendable {
    private let wanted: Wanted
    var sample: Int = 0
    var seen: [Value: Partial] = [:]

    init(_ wanted: Wanted) { self.wanted = wanted }

    func see(_ value: Value, _ tensor: Tensor) {
      guard tensor.element.isFloat, tensor.count > 0 else { return }
      tensor.floats().withUnsafeBufferPointer { elements in
        var (low, high) = (elements[0], elements[0])
        var total: Float = 0
        for element in elements {
          low = element < low ? element : low
          high = element > high ? element : high
          // Not a number, and infinity, survive the multiplication.
          total += element * 0
        }
        guard total == 0 else {
          seen[value, default: Partial()].isFinite = false
          return
        }
        var part = Partial.Seen(sample: sample, range: low...high)
        if wanted.contains(.histograms) {
          seen[value, default: Partial()].histogram.add(
            elements, largest: max(low.magnitude, high.magnitude))
        }
        if wanted.contains(.channels) {
          count(elements, tensor.shape.dimensions.last ?? 1, value, &part)
        }
        seen[value, default: Partial()].seen.append(part)
      }
    }

    private func count(
      _ elements: UnsafeBufferPointer<Float>, _ width: Int, _ value: Value,
      _ part: inout Partial.Seen
    ) {
      var sums = [Double](repeating: 0, count: width)
      var squares = [Double](repeating: 0, count: width)
      var maximum = [Float](repeating: -.infinity, count: width)
      for row in 0..<(elements.count / max(width, 1)) {
        for channel in 0..<width {
          let element = elements[row * width + channel]
          sums[channel] += Double(element)
          squares[channel] += Double(element) * Double(element)
          maximum[channel] = max(maximum[channel], element)
        }
      }
      (part.sums, part.squares) = (sums, squares)
      seen[value, default: Partial()].addRows(elements.count / max(width, 1), maximum)
    }
  }
}
