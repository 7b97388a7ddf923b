import IR

/// The largest magnitude of each channel (index of the last axis) of some values, over all samples.
struct ChannelMagnitudes {
  private var largest: [Value: [Float]] = [:]

  subscript(value: Value) -> [Float]? { largest[value] }

  /// - Throws: what the interpreter throws.
  init(
    _ function: Function, _ samples: [[Tensor]], of values: Set<Value>, _ context: PassContext
  ) throws {
    let progress = SharedProgress("measuring", samples.count, context.progress)
    let parts = try concurrentMap(samples.count) { index in
      let collector = Collector(values)
      let interpreter = Interpreter(function) { value, tensor in collector.see(value, tensor) }
      _ = try interpreter.run(samples[index])
      progress.advance()
      return collector.largest
    }
    for part in parts {
      largest.merge(part) { zip($0, $1).map { max($0, $1) } }
    }
  }

  /// Used from one thread: an interpreter calls its hook as it goes.
  private final class Collector: @unchecked Sendable {
    private let values: Set<Value>
    var largest: [Value: [Float]] = [:]

    init(_ values: Set<Value>) { self.values = values }

    func see(_ value: Value, _ tensor: Tensor) {
      guard values.contains(value), let width = tensor.shape.dimensions.last, width > 0 else {
        return
      }
      var found = [Float](repeating: 0, count: width)
      for (place, element) in tensor.floats().enumerated() {
        found[place % width] = max(found[place % width], element.magnitude)
      }
      largest[value] = found
    }
  }
}
