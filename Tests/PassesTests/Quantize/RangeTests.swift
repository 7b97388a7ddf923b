import IR
import Testing

@testable import Passes

/// Histograms and the ranges that follow from them.
@Suite struct RangeTests {
  private func histogram(_ values: [Float]) -> Histogram {
    var histogram = Histogram()
    values.withUnsafeBufferPointer { values in
      histogram.add(values, largest: values.map(\.magnitude).max() ?? 0)
    }
    return histogram
  }

  /// Values from −20 to 20 that only a clamp to 0 … 6 reads are stored in steps of 6/255, those that
  /// another operation reads as well in steps of the whole.
  @Test(arguments: [("relu6", Float(6) / 255), ("relu6 and add", Float(40) / 255)])
  func stepsAreForWhatReadersTellApart(_ name: String, _ wanted: Float) throws {
    let last = name == "relu6" ? "sigmoid(%0)" : "add(%0, %x)"
    let text = """
      module @m {
        func @main(%x: tensor<1x41xf32>) -> (y: tensor<1x41xf32>) {
          %0 = clamp(%x) {minimum = 0.0, maximum = 6.0} : tensor<1x41xf32>
          %1 = \(last) : tensor<1x41xf32>
          return %1
        }
      }
      """
    var module = try Parser.parse(text, Registry())
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    var context = PassContext(
      calibration: [[Tensor([1, 41], (0..<41).map { Float($0) - 20 })]])
    let step = Pipeline.Step("quantize", ["ranges": "minmax"])
    try PassManager(registry).run(Pipeline([step]), on: &module, &context)
    let graph = module.main.graph
    let input = try #require(graph.allOperations().first { graph[$0].operation is Quantize })
    let scale = try #require(graph[graph[input].results[0]].quantization?.scales[0])
    #expect(abs(scale - wanted) < 1e-6)
  }

  @Test func countsDoNotDependOnTheOrder() {
    let values: [Float] = (0..<5000).map { Float(($0 * 7919) % 5003) / 37 - 60 }
    var forward = Histogram()
    var backward = Histogram()
    for value in values {
      [value].withUnsafeBufferPointer { forward.add($0, largest: value.magnitude) }
    }
    for value in values.reversed() {
      [value].withUnsafeBufferPointer { backward.add($0, largest: value.magnitude) }
    }
    #expect(forward.counts == backward.counts)
    #expect(forward.counts == histogram(values).counts)
    #expect(forward.counts.reduce(0, +) == 5000)
    var joined = histogram(Array(values[..<1000]))
    joined.add(histogram(Array(values[1000...])))
    #expect(joined.counts == forward.counts)
  }

  /// With a step of range/255 the error of a uniform distribution is step²/12, and cutting any of it
  /// off costs more than the finer step saves.
  @Test func aUniformDistributionKeepsItsRange() {
    let values: [Float] = (0..<100_000).map { Float($0) / 100_000 }
    let range = SquaredErrorSearch(histogram(values)).best(within: 0...1)
    #expect(range.lowerBound == 0)
    #expect(range.upperBound >= 0.98)
  }

  @Test func aLoneOutlierIsCutOff() {
    // Kept, it costs 10⁶ · (1.6/255)²/12 = 3.3; cut off, 0.36 and the 1.3 of the finer step.
    var values: [Float] = (0..<1_000_000).map { Float($0 % 1000) / 1000 }
    values.append(1.6)
    let range = SquaredErrorSearch(histogram(values)).best(within: 0...1.6)
    #expect(range.upperBound < 1.3)
  }

  /// All bins alike: the full range loses nothing, so nothing diverges less.
  @Test func entropyKeepsAUniformRange() {
    let values: [Float] = (0..<500_000).map { Float($0) / 500_000 }
    #expect(EntropySearch(histogram(values)).best(within: 0...1).upperBound >= 0.95)
  }

  @Test func zerosAloneHaveARange() {
    let zeros = histogram([0, 0, 0])
    #expect(SquaredErrorSearch(zeros).best(within: 0...0) == 0...0)
    #expect(EntropySearch(zeros).best(within: 0...0) == 0...0)
  }
}
