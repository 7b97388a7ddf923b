import IR
import Passes
import Testing

/// What the standard pipeline leaves of models that exporters write out, and that a second run of it
/// finds nothing more to do.
@Suite struct OptimizationTests {
  private func optimised(_ path: String) throws -> Module {
    var module = try ModelSet.load(path)
    var context = PassContext()
    try PassManager(ModelSet.registry).run(
      Pipeline(parsing: standardPipeline), on: &module, &context)
    return module
  }

  private func count(_ module: Module) -> [String: Int] {
    let graph = module.main.graph
    return graph.allOperations().reduce(into: [:]) { counts, id in
      counts[type(of: graph[id].operation).mnemonic, default: 0] += 1
    }
  }

  private func own(_ name: String) throws -> [String: Int] {
    let path = ModelSet.root.appendingPathComponent("Tests/Models/\(name)/model.onnx").path
    return count(try optimised(path))
  }

  @Test func theScriptExportersBlockIsRecognised() throws {
    let counts = try own("onnx_block_script")
    #expect(counts["layer_norm"] == 2 && counts["attention"] == 1)
    #expect(counts["fully_connected"] == 6 && counts["softmax"] == nil)
    // GELU is part of a layer, scale and mask of the attention.
    #expect(counts["erf"] == nil && counts["mul"] == nil && counts["gelu"] == nil)
  }

  @Test func theDynamoExportersBlockIsRecognised() throws {
    let counts = try own("onnx_block_dynamo")
    #expect(counts["rms_norm"] == 2 && counts["attention"] == 1)
    #expect(counts["fully_connected"] == 6 && counts["softmax"] == nil)
    #expect(counts["erf"] == nil && counts["mul"] == nil && counts["gelu"] == nil)
  }

  /// Four convolutions with all that follows them, the mean and the softmax.
  @Test func gatesJoinTheirLayers() throws {
    let counts = try own("onnx_gates")
    #expect(counts["conv2d"] == 3 && counts["depthwise_conv2d"] == 1)
    #expect(counts["reduce_mean"] == 1 && counts["softmax"] == 1)
    #expect(counts.values.reduce(0, +) == 6, "\(counts)")
  }

  @Test(arguments: ModelSet.light)
  func aSecondRunChangesNothing(path: String) throws {
    var module = try optimised(path)
    let once = Printer.print(module)
    var context = PassContext()
    try PassManager(ModelSet.registry).run(
      Pipeline(parsing: standardPipeline), on: &module, &context)
    #expect(Printer.print(module) == once)
  }
}
