import IR

/// The smallest and largest element seen of each float value over all calibration samples.
///
/// A maximum does not depend on the order of samples, so the result is the same however they are
/// shuffled.
struct ValueRanges: Sendable {
  private(set) var ranges: [Value: ClosedRange<Float>] = [:]

  subscript(value: Value) -> ClosedRange<Float>? { ranges[value] }

  /// Runs every sample through the interpreter.
  ///
  /// - Throws: `Diagnostic` naming the node whose result is not finite.
  init(_ function: Function, _ samples: [[Tensor]], _ context: PassContext) throws {
    let collector = Collector()
    let interpreter = Interpreter(function) { value, tensor in collector.see(value, tensor) }
    for (index, sample) in samples.enumerated() {
      _ = try interpreter.run(sample)
      context.progress?("calibrating", index + 1, samples.count)
    }
    ranges = collector.ranges
    for value in collector.unbounded {
      let node = function.graph.producer(of: value).map { function.graph[$0] }
      throw Diagnostic.error(
        "calibration gives infinite or undefined numbers", place: node?.location.summary,
        help: ["check the calibration data's scaling against what the model was trained on"])
    }
  }

  /// Used from one thread: the interpreter calls its hook as it goes.
  private final class Collector: @unchecked Sendable {
    var ranges: [Value: ClosedRange<Float>] = [:]
    var unbounded: [Value] = []

    func see(_ value: Value, _ tensor: Tensor) {
      guard tensor.element.isFloat, tensor.count > 0 else { return }
      let elements = tensor.floats()
      var (low, high) = (elements[0], elements[0])
      for element in elements {
        if element < low { low = element }
        if element > high { high = element }
      }
      guard low.isFinite, high.isFinite, !elements.contains(where: \.isNaN) else {
        unbounded.append(value)
        return
      }
      let seen = ranges[value] ?? low...high
      ranges[value] = min(seen.lowerBound, low)...max(seen.upperBound, high)
    }
  }
}
