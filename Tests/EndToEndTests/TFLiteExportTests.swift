import Exporters
import Frontends
import IR
import Passes
import Testing

/// What is written as TFLite and read again computes the same: floats within the rounding of sums,
/// and integers exactly, after `round-as-tflite` has given operations the rounding that TFLite's have
/// and that the reader therefore gives them. (That LiteRT computes it, too, is held by
/// Tests/Conformance/tflite_export.py.)
@Suite struct TFLiteExportTests {
  /// A loop that starts from an empty tensor is refused, which LiteRT does not run, and so are pools
  /// with dilation.
  static var models: [String] {
    let refused = ["/runtime_loop/", "/onnx_pooling/"]
    return (ModelSet.own + ModelSet.shared).filter { path in
      !refused.contains { path.contains($0) }
    }
  }

  @Test("as imported", arguments: models)
  func importedModels(path: String) throws { try compareWithReread(path, []) }

  @Test("after the standard pipeline", arguments: models)
  func optimisedModels(path: String) throws { try compareWithReread(path, [standardPipeline]) }

  private func compareWithReread(_ path: String, _ pipeline: [String]) throws {
    let module = try passed(path, pipeline + [RoundAsTFLite.name])
    let again = try reread(try TFLiteWriter().write(module))
    let (before, after) = (module.main, again.main)
    #expect(after.inputs.map(\.name) == before.inputs.map(\.name))
    #expect(after.outputs.map(\.name) == before.outputs.map(\.name))
    #expect(after.inputs.map(\.type) == before.inputs.map(\.type))
    #expect(after.outputs.map(\.type.element) == before.outputs.map(\.type.element))
    for sample in ModelSet.samples(for: module, count: 2, seed: 11) {
      let expected = try Interpreter(before).run(sample)
      for (a, e) in zip(try Interpreter(after).run(sample), expected) { compare(a, e) }
    }
  }

  private func passed(_ path: String, _ pipeline: [String]) throws -> Module {
    var module = try ModelSet.load(path)
    var context = PassContext()
    try PassManager(ModelSet.registry)
      .run(try Pipeline(parsing: pipeline.joined(separator: ",")), on: &module, &context)
    return module
  }

  /// The written file, read from memory.
  private func reread(_ bytes: [UInt8]) throws -> Module {
    let storage = Storage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    var log = DiagnosticLog()
    return try TFLiteFrontend()
      .load(ModelFile(path: "written.tflite", storage: storage), ImportOptions(), &log)
  }

  private func compare(_ a: Tensor, _ e: Tensor) {
    #expect(a.element == e.element && a.shape == e.shape)
    guard e.element.isFloat else {
      #expect(a.integers() == e.integers())
      return
    }
    let largest = e.doubles().filter(\.isFinite).map(\.magnitude).max() ?? 0
    let tolerance = 1e-5 * largest + 1e-6
    for (x, y) in zip(a.doubles(), e.doubles()) where x.isFinite || y.isFinite {
      #expect(abs(x - y) <= tolerance)
    }
  }

  @Test("the same module gives the same bytes, and they are a TFLite file")
  func reproducible() throws {
    let module = try ModelSet.load(try #require(ModelSet.own.first))
    let bytes = try TFLiteWriter().write(module)
    #expect(try bytes == TFLiteWriter().write(module))
    #expect(Array(bytes[4..<8]) == Array("TFL3".utf8))
  }

  @Test("weights stand at multiples of 16")
  func alignment() throws {
    let marks: [Float] = [1.25, -2.5, 3.75, -5]
    var rewriter = Rewriter()
    let x = rewriter.addArgument(TensorType(.f32, [4]), name: "x")
    let w = rewriter.constant(Tensor([4], marks))
    let sum = try rewriter.insert(Add(), [x, w], at: Location(name: "sum"))
    rewriter.setResults([(name: "y", value: sum[0])])
    let main = Function(name: Module.mainName, graph: rewriter.finish())
    let bytes = try TFLiteWriter().write(Module(name: "m", functions: [main]))
    let pattern = marks.flatMap { mark in
      (0..<4).map { UInt8(truncatingIfNeeded: mark.bitPattern >> (8 * UInt32($0))) }
    }
    let places = bytes.indices.filter { bytes[$0...].starts(with: pattern) }
    #expect(places.count == 1 && places.allSatisfy { $0 % 16 == 0 })
  }

  @Test("a state is kept from run to run")
  func states() throws {
    let text = """
      module @m {
        constant @0 : tensor<2xf32> = dense<[1.0, 2.0]>
        func @main(%x: tensor<2xf32>) state(%total: tensor<2xf32> = @0) -> (y: tensor<2xf32>) {
          %0 = add(%total, %x) : tensor<2xf32>
          return %0 next %0
        }
      }
      """
    let module = try Parser.parse(text, ModelSet.registry)
    let again = try reread(try TFLiteWriter().write(module)).main
    #expect(again.states.map(\.type) == module.main.states.map(\.type))
    let first = again.graph.initialStates.compactMap { again.graph.constant($0) }
    #expect(first == [Tensor([2], [Float(1), 2])])
  }

  @Test("every operation that cannot be written is named")
  func refusal() throws {
    let text = """
      module @m {
        func @main(%x: tensor<2x2xf32>, %n: tensor<2xu64>) -> (y: tensor<2x2xf32>, z: tensor<2xu64>) {
          %0 = matrix_inverse(%x) : tensor<2x2xf32> loc("first" : "Inverse")
          %1 = determinant(%0) : tensor<f32> loc("second" : "Det")
          %2 = add(%0, %1) : tensor<2x2xf32> loc("third" : "Add")
          %3 = add(%n, %n) : tensor<2xu64> loc("fourth" : "Add")
          return %2, %3
        }
      }
      """
    let module = try Parser.parse(text, ModelSet.registry)
    do {
      _ = try TFLiteWriter().write(module)
      Issue.record("nothing was refused")
    } catch let found as Diagnostics {
      #expect(found.all.map(\.place) == ["first", "second", "fourth"])
      #expect(found.all.allSatisfy { $0.category == .unsupported && !$0.help.isEmpty })
      #expect(found.all.last?.message.contains("its kernel takes f32, i32, i64") == true)
    }
  }
}
