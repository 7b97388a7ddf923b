import Foundation
import IR
import Passes
import Testing

/// Every pass and the standard pipeline on random graphs: the verifier accepts what comes out, it
/// computes the same, its text is stable, and a second run of the pipeline changes nothing.
///
/// A failure prints its seed and the smallest graph found that still fails.
/// `EDGECC_RANDOM_SEED=17` runs one seed; `EDGECC_RANDOM_COUNT` sets how many there are (2400).
@Suite struct RandomGraphTests {
  private static let block: UInt64 = 50

  /// The first seed of each block of seeds.
  static var blocks: [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["EDGECC_RANDOM_SEED"].flatMap({ UInt64($0) }) { return [seed] }
    let count = environment["EDGECC_RANDOM_COUNT"].flatMap { UInt64($0) } ?? 2400
    return Array(stride(from: 0, to: count, by: Int(block)))
  }

  private static var seedsPerBlock: UInt64 {
    ProcessInfo.processInfo.environment["EDGECC_RANDOM_SEED"] == nil ? block : 1
  }

  private static var registry: Registry {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    return registry
  }

  /// Each pass by itself, and the pipeline.
  private static var checks: [GraphCheck] {
    var result: [GraphCheck] = []
    for pass in builtinPasses {
      var check = GraphCheck(pass.name, registry)
      // Other numbers are what they are for: fewer bits, fewer channels, another rounding.
      check.changesNumbers = [
        "quantize", "prune", "compress-weights", "round-as-tflite",
      ].contains(pass.name)
      result.append(check)
    }
    result.append(GraphCheck("fold-constants{dequantize=true}", registry))
    var pipeline = GraphCheck(standardPipeline, registry)
    pipeline.isIdempotent = true
    result.append(pipeline)
    return result
  }

  @Test(arguments: blocks)
  func passesKeepTheMeaningOfRandomGraphs(first: UInt64) throws {
    let checks = RandomGraphTests.checks
    for seed in first..<(first + RandomGraphTests.seedsPerBlock) {
      let graph = try RandomGraph(seed: seed)
      for check in checks {
        guard let complaint = check.complaint(about: graph) else { continue }
        let small = GraphShrinker { check.complaint(about: $0) != nil }.shrink(graph)
        let text = Printer.print(small.module)
        let reason = check.complaint(about: small) ?? complaint
        Issue.record("seed \(seed), '\(check.pipeline)': \(reason)\nof the graph:\n\(text)")
      }
    }
  }

  /// The graphs do have what they are meant to have.
  @Test func manyOperationsAppear() throws {
    var seen: Set<String> = []
    for seed in 0..<UInt64(200) {
      let graph = try RandomGraph(seed: seed).function.graph
      for id in graph.allOperations() { seen.insert(type(of: graph[id].operation).mnemonic) }
    }
    let wanted = [
      "conv2d", "depthwise_conv2d", "fully_connected", "matmul", "max_pool2d", "avg_pool2d", "add",
      "mul", "sub", "div", "clamp", "sigmoid", "reshape", "transpose", "pad", "slice", "concat",
      "gather", "reduce_mean", "batch_norm", "softmax", "cast", "quantize", "dequantize", "rescale",
      "top_k", "select", "broadcast_to", "layer_norm",
    ]
    for mnemonic in wanted { #expect(seen.contains(mnemonic), "no \(mnemonic)") }
  }

  /// The shrinker keeps what fails and drops the rest.
  @Test func shrinkingKeepsTheFailingOperation() throws {
    let hasPool = { (graph: RandomGraph) in
      graph.function.graph.allOperations().contains {
        graph.function.graph[$0].operation is AveragePool2D
      }
    }
    let seed = try #require((0..<UInt64(100)).first { seed in
      guard let graph = try? RandomGraph(seed: seed) else { return false }
      return hasPool(graph) && graph.function.graph.operationCount > 6
    })
    let small = GraphShrinker(fails: hasPool).shrink(try RandomGraph(seed: seed))
    #expect(small.function.graph.operationCount == 1)
  }
}
