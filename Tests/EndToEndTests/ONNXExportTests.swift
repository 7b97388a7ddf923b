import Exporters
import Frontends
import IR
import Passes
import Testing

/// What is written as ONNX and read again computes the same.
@Suite struct ONNXExportTests {
  @Test("as imported", arguments: ModelSet.own + ModelSet.shared)
  func importedModels(path: String) throws {
    let module = try ModelSet.load(path)
    try compareWithReread(module)
  }

  @Test("after the standard pipeline", arguments: ModelSet.own + ModelSet.shared)
  func optimisedModels(path: String) throws {
    var module = try ModelSet.load(path)
    var context = PassContext()
    try PassManager(ModelSet.registry)
      .run(try Pipeline(parsing: standardPipeline), on: &module, &context)
    try compareWithReread(module)
  }

  /// Interface and results of `module` and of what is read of its ONNX file.
  private func compareWithReread(_ module: Module) throws {
    let again = try reread(module)
    let (before, after) = (module.main, again.main)
    #expect(after.inputs.map(\.name) == before.inputs.map(\.name))
    #expect(after.outputs.map(\.name) == before.outputs.map(\.name))
    #expect(after.inputs.map { $0.type.with(quantization: nil) }
      == before.inputs.map { $0.type.with(quantization: nil) })
    for sample in ModelSet.samples(for: module, count: 2, seed: 11) {
      let expected = try Interpreter(before).run(sample)
      let plain = zip(sample, after.inputs).map { $0.0.reinterpreted(as: $0.1.type) }
      let actual = try Interpreter(after).run(plain)
      for (a, e) in zip(actual, expected) {
        #expect(a.element == e.element && a.shape == e.shape)
        compare(a, e, isQuantised: isQuantised(before.graph))
      }
    }
  }

  private func reread(_ module: Module) throws -> Module {
    let bytes = try ONNXWriter().write(module)
    let storage = Storage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    let file = ModelFile(path: "written.onnx", storage: storage)
    var log = DiagnosticLog()
    return try ONNXFrontend().load(file, ImportOptions(), &log)
  }

  private func isQuantised(_ graph: Graph) -> Bool {
    graph.allOperations().contains { id in graph[id].results.contains { graph[$0].isQuantized } }
  }

  /// QDQ computes a quantised layer in float32 and rounds ties to even, the layer itself in integers:
  /// a step here and there, which later layers carry on.
  private func compare(_ a: Tensor, _ e: Tensor, isQuantised: Bool) {
    if e.element.isFloat {
      let largest = e.doubles().filter(\.isFinite).map(\.magnitude).max() ?? 0
      let tolerance = isQuantised ? 0.05 * largest : 1e-4 * largest + 1e-6
      for (x, y) in zip(a.doubles(), e.doubles()) where x.isFinite || y.isFinite {
        #expect(abs(x - y) <= tolerance)
      }
    } else {
      let steps = e.type.isQuantized ? (e.element == .i16 ? 64 : 4) : 0
      for (x, y) in zip(a.integers(), e.integers()) { #expect(abs(x - y) <= steps) }
    }
  }

  @Test("the same module gives the same bytes")
  func reproducible() throws {
    let module = try ModelSet.load(try #require(ModelSet.own.first))
    #expect(try ONNXWriter().write(module) == ONNXWriter().write(module))
  }

  @Test("chains of convolutions stay in NCHW")
  func fewTransposes() throws {
    let path = try #require(ModelSet.own.first { $0.contains("onnx_residual") })
    let again = try reread(try optimised(path))
    var module = again
    var context = PassContext()
    try PassManager(ModelSet.registry)
      .run(try Pipeline(parsing: "canonicalize"), on: &module, &context)
    #expect(!again.main.graph.allOperations().isEmpty)
    let text = String(decoding: try ONNXWriter().write(try optimised(path)), as: UTF8.self)
    #expect(text.contains("Conv") && !text.contains("Transpose"))
  }

  private func optimised(_ path: String) throws -> Module {
    var module = try ModelSet.load(path)
    var context = PassContext()
    try PassManager(ModelSet.registry)
      .run(try Pipeline(parsing: standardPipeline), on: &module, &context)
    return module
  }

  @Test("every operation that cannot be written is named")
  func refusal() throws {
    let text = """
      module @m {
        func @main(%x: tensor<2x2xf32>) -> (y: tensor<2x2xf32>) {
          %0 = matrix_inverse(%x) : tensor<2x2xf32> loc("first" : "Inverse")
          %1 = atan2(%0, %x) : tensor<2x2xf32> loc("second" : "Atan2")
          return %1
        }
      }
      """
    let module = try Parser.parse(text, ModelSet.registry)
    do {
      _ = try ONNXWriter().write(module)
      Issue.record("nothing was refused")
    } catch let found as Diagnostics {
      #expect(found.all.map(\.place) == ["first", "second"])
      #expect(found.all.allSatisfy { $0.category == .unsupported && !$0.help.isEmpty })
    }
  }
}
