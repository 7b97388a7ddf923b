import IR
import Passes

@testable import Passes

/// Small models as text, with seeded weights, and what a pipeline makes of them.
struct PruneModel {
  private var noise: SeededRandom
  private var constants: [String] = []
  private var lines: [String] = []
  let inputs: String
  let results: String

  init(seed: UInt64, inputs: String, results: String) {
    noise = SeededRandom(seed: seed)
    self.inputs = inputs
    self.results = results
  }

  /// A constant `@name`, normal enough; rows along the first axis that are `zero` are.
  mutating func constant(_ name: String, _ shape: [Int], zero: Set<Int> = []) {
    let row = shape.dropFirst().reduce(1, *)
    let values = (0..<shape.reduce(1, *)).map { index -> String in
      let value = noise.uniform()
      return zero.contains(index / row) ? "0" : "\(Float(value))"
    }
    let extents = shape.map { "\($0)" }.joined(separator: "x")
    let list = values.joined(separator: ", ")
    constants.append("  constant @\(name) : tensor<\(extents)xf32> = dense<[\(list)]>")
  }

  mutating func line(_ text: String) { lines.append("    " + text) }

  func module() throws -> Module {
    let head = "  func @main(\(inputs)) -> (\(results)) {"
    let text = (["module @m {"] + constants + [head] + lines + ["  }", "}", ""])
      .joined(separator: "\n")
    return try Parser.parse(text, PruneModel.registry)
  }

  static var registry: Registry {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    return registry
  }

  static func run(
    _ pipeline: String, on module: Module, _ samples: [[Tensor]] = []
  ) throws -> Module {
    try report(pipeline, on: module, samples).module
  }

  /// What comes out, and the warnings on the way.
  static func report(
    _ pipeline: String, on module: Module, _ samples: [[Tensor]]
  ) throws -> (module: Module, warnings: [String]) {
    var module = module
    var context = PassContext(calibration: samples)
    try PassManager(registry).run(Pipeline(parsing: pipeline), on: &module, &context)
    return (module, context.log.diagnostics.map(\.message))
  }

  /// Random inputs of `module`, uniform in −1 … 1.
  static func samples(_ module: Module, _ count: Int, seed: UInt64 = 7) -> [[Tensor]] {
    var noise = SeededRandom(seed: seed)
    let graph = module.main.graph
    return (0..<count).map { _ in
      graph.arguments.map { argument in
        let shape = graph[argument].shape
        return Tensor(shape, (0..<shape.count).map { _ in Float(noise.uniform()) })
      }
    }
  }

  /// The largest difference of the results of two modules, by the largest result.
  static func difference(
    _ a: Module, _ b: Module, _ samples: [[Tensor]]
  ) throws -> Double {
    var (worst, largest) = (0.0, 1e-30)
    for sample in samples {
      let pairs = zip(try Interpreter(a.main).run(sample), try Interpreter(b.main).run(sample))
      for (x, y) in pairs {
        for (p, q) in zip(x.doubles(), y.doubles()) {
          worst = max(worst, (p - q).magnitude)
          largest = max(largest, p.magnitude)
        }
      }
    }
    return worst / largest
  }

  static func macs(_ module: Module) -> Int { module.main.graph.macs }

  /// The shapes of the weights of all layers, in order.
  static func weights(_ module: Module) -> [[Int]] {
    let graph = module.main.graph
    return graph.allOperations().compactMap { id in
      guard graph[id].operation is any LayerWithEpilogue else { return nil }
      return graph[graph[id].operands[1]].shape.dimensions
    }
  }
}
