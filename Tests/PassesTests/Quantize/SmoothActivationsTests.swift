import IR
import Testing

@testable import Passes

/// Factors that move between a normalisation and the layers behind it.
@Suite struct SmoothActivationsTests {
  private static let text = """
    module @m {
      constant @g : tensor<4xf32> = dense<[1, 20, 0.5, 1]>
      constant @c : tensor<4xf32> = dense<[0, 1, 0, -2]>
      constant @w : tensor<2x4xf32> = dense<[1, 0.25, -3, 0, 0.5, 0.125, 2, 0]>
      constant @v : tensor<2x4xf32> = dense<[4, 0.5, 1, 0, -1, 0.25, 0, 0]>
      func @main(%x: tensor<3x4xf32>) -> (y: tensor<3x2xf32>, z: tensor<3x2xf32>) {
        %0 = layer_norm(%x, @g, @c) : tensor<3x4xf32>
        %1 = fully_connected(%0, @w) : tensor<3x2xf32>
        %2 = fully_connected(%0, @v) : tensor<3x2xf32>
        return %1, %2
      }
    }
    """

  private static let samples: [[Tensor]] = (0..<5).map { sample in
    [Tensor([3, 4], (0..<12).map { Float(($0 * 7 + sample * 5) % 11) - 4 })]
  }

  private func smoothed(_ strength: String) throws -> (before: Module, after: Module) {
    let before = try Parser.parse(Self.text, Registry())
    var after = before
    var registry = Registry()
    registry.register(pass: SmoothActivations.self)
    var context = PassContext(calibration: Self.samples)
    let pipeline = Pipeline([.init("smooth-activations", ["strength": strength])])
    try PassManager(registry).run(pipeline, on: &after, &context)
    return (before, after)
  }

  @Test(arguments: ["0", "0.5", "1"]) func resultsStay(_ strength: String) throws {
    let (before, after) = try smoothed(strength)
    for sample in Self.samples {
      let wanted = try Interpreter(before.main).run(sample)
      let found = try Interpreter(after.main).run(sample)
      for (a, b) in zip(wanted, found) {
        for (x, y) in zip(a.floats(), b.floats()) { #expect(abs(x - y) <= 1e-4, "\(x), \(y)") }
      }
    }
  }

  /// Equation 4 of the paper with α = ½: channels of the normalised values and columns of the weights
  /// have one range, √(max|X| · max|W|). The last column is zero and stays.
  @Test func rangesMeet() throws {
    let (before, after) = try smoothed("0.5")
    func ranges(_ module: Module) throws -> (activations: [Float], weights: [Float]) {
      let graph = module.main.graph
      let norm = try #require(graph.allOperations().first { graph[$0].operation is LayerNorm })
      let function = module.main
      let context = PassContext()
      let value = graph[norm].results[0]
      let found = try ChannelMagnitudes(function, Self.samples, of: [value], context)
      var columns = [Float](repeating: 0, count: 4)
      for id in graph.users(of: value) {
        let weights = try #require(graph.constant(graph[id].operands[1])).floats()
        for (place, weight) in weights.enumerated() {
          columns[place % 4] = max(columns[place % 4], weight.magnitude)
        }
      }
      return (try #require(found[value]), columns)
    }
    let (old, new) = (try ranges(before), try ranges(after))
    for channel in 0..<3 {
      let wanted = (old.activations[channel] * old.weights[channel]).squareRoot()
      #expect(abs(new.activations[channel] - wanted) <= 1e-4 * wanted)
      #expect(abs(new.weights[channel] - wanted) <= 1e-4 * wanted)
    }
    #expect(new.activations[3] == old.activations[3])
    #expect(new.weights[3] == 0)
  }
}
