import Exporters
import Frontends
import IR
import Passes
import Synchronization
import Testing

/// What is written as ONNX and read again computes the same.
///
/// Float models as a whole. Of quantised ones each operation by itself, on what it reads in a run of
/// the model: QDQ computes a layer in float32 and rounds ties to even, the layer itself in integers, so
/// that a stored result may be one step away, and later layers would carry that on.
@Suite struct ONNXExportTests {
  /// Loops and branches that stay until the model runs are refused.
  static var models: [String] {
    (ModelSet.own + ModelSet.shared).filter { !$0.contains("/runtime_") }
  }

  @Test("as imported", arguments: models)
  func importedModels(path: String) throws {
    try compareWithReread(try ModelSet.load(path))
  }

  @Test("after the standard pipeline", arguments: models)
  func optimisedModels(path: String) throws { try compareWithReread(try optimised(path)) }

  private func compareWithReread(_ module: Module) throws {
    let again = try reread(module)
    let (before, after) = (module.main, again.main)
    #expect(after.inputs.map(\.name) == before.inputs.map(\.name))
    #expect(after.outputs.map(\.name) == before.outputs.map(\.name))
    #expect(after.inputs.map { $0.type.with(quantization: nil) }
      == before.inputs.map { $0.type.with(quantization: nil) })
    #expect(after.outputs.map(\.type.element) == before.outputs.map(\.type.element))
    let samples = ModelSet.samples(for: module, count: 2, seed: 11)
    if isQuantised(before.graph) { return try compareOperations(before, samples[0]) }
    for sample in samples {
      let expected = try Interpreter(before).run(sample)
      for (a, e) in zip(try Interpreter(after).run(sample), expected) { compare(a, e) }
    }
  }

  /// Writes and reads each operation of `function` as a model of its own.
  private func compareOperations(_ function: Function, _ sample: [Tensor]) throws {
    let graph = function.graph
    let seen = Mutex<[Value: Tensor]>([:])
    _ = try Interpreter(function, hook: { value, tensor in seen.withLock { $0[value] = tensor } })
      .run(sample)
    var values = seen.withLock { $0 }
    for (argument, tensor) in zip(graph.arguments, sample) { values[argument] = tensor }
    for id in graph.operations(in: graph.entry) {
      let inputs = graph[id].operands.filter { graph.constant($0) == nil }
      let own = Set(inputs).sorted { $0.number < $1.number }
      let module = try alone(id, own, graph)
      let given = try own.map { try #require(values[$0]) }
      let expected = try Interpreter(module.main).run(given)
      let again = try reread(module).main
      let plain = zip(given, again.inputs).map { $0.0.reinterpreted(as: $0.1.type) }
      let actual = try Interpreter(again).run(plain)
      for (a, e) in zip(actual, expected) {
        compare(a, e, "\(graph[id].location.summary) \(type(of: graph[id].operation).mnemonic)")
      }
    }
  }

  /// A module of the operation `id`, whose arguments are `inputs`.
  private func alone(_ id: OperationID, _ inputs: [Value], _ graph: Graph) throws -> Module {
    var rewriter = Rewriter()
    var copies: [Value: Value] = [:]
    for (index, value) in inputs.enumerated() {
      copies[value] = rewriter.addArgument(graph[value], name: "x\(index)")
    }
    let node = graph[id]
    let operands = node.operands.map { value in
      copies[value] ?? rewriter.constant(graph.constant(value) ?? Tensor(integers: []))
    }
    let results = try rewriter.insert(
      node.operation, operands, quantization: node.results.map { graph[$0].quantization },
      at: node.location)
    rewriter.setResults(results.enumerated().map { (name: "y\($0)", value: $1) })
    return Module(
      name: "alone", functions: [Function(name: Module.mainName, graph: rewriter.finish())])
  }

  private func optimised(_ path: String) throws -> Module {
    var module = try ModelSet.load(path)
    var context = PassContext()
    try PassManager(ModelSet.registry)
      .run(try Pipeline(parsing: standardPipeline), on: &module, &context)
    return module
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

  /// Floats within the rounding of sums; stored reals within a step, 16-bit ones within the three that
  /// interpolation in a table is off (sigmoid, tanh, softmax); other integers exactly.
  private func compare(_ a: Tensor, _ e: Tensor, _ place: String = "") {
    #expect(a.element == e.element && a.shape == e.shape)
    if e.element.isFloat {
      let largest = e.doubles().filter(\.isFinite).map(\.magnitude).max() ?? 0
      let tolerance = 1e-4 * largest + 1e-6
      for (x, y) in zip(a.doubles(), e.doubles()) where x.isFinite || y.isFinite {
        #expect(abs(x - y) <= tolerance, "\(place)")
      }
    } else {
      let apart = zip(a.integers(), e.integers()).map { abs($0 - $1) }.max() ?? 0
      let isInterpolated = ["sigmoid", "tanh", "softmax"].contains { place.hasSuffix($0) }
      let steps = e.element == .i16 && isInterpolated ? 3 : 1
      #expect(apart <= (e.type.isQuantized ? steps : 0), "\(place)")
    }
  }

  @Test("the same module gives the same bytes")
  func reproducible() throws {
    let module = try ModelSet.load(try #require(ModelSet.own.first))
    #expect(try ONNXWriter().write(module) == ONNXWriter().write(module))
  }

  @Test("chains of convolutions stay in NCHW", arguments: ["onnx_residual", "onnx_depthwise"])
  func fewTransposes(name: String) throws {
    let path = try #require(ModelSet.own.first { $0.contains("/\(name)/") })
    let text = String(decoding: try ONNXWriter().write(try optimised(path)), as: UTF8.self)
    #expect(text.contains("Conv") && !text.contains("Transpose"))
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
