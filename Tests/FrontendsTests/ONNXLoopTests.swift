import Frontends
import IR
import Testing

@Suite struct ONNXLoopTests {
  private static func folder(_ name: String) -> String { ONNXCase.root + "/Tests/Models/" + name }

  private func operations(_ name: String) throws -> [any Operation] {
    let graph = try ONNXCase.load(Self.folder(name) + "/model.onnx").main.graph
    return graph.allOperations().map { graph[$0].operation }
  }

  @Test("turns that an input decides, and turns too many to unroll, become a while",
    arguments: ["runtime_loop", "runtime_many_turns"])
  func runTimeLoops(name: String) throws {
    #expect(try operations(name).contains { $0 is While })
    #expect(try ONNXCase(folder: Self.folder(name)).check() >= 1)
  }

  @Test func aBranchThatAnInputDecidesBecomesAnIf() throws {
    #expect(try operations("runtime_branches").contains { $0 is If })
    #expect(try ONNXCase(folder: Self.folder("runtime_branches")).check() == 2)
  }

  @Test func whatOnlyARunShowsIsRefusedWithoutIt() throws {
    let path = Self.folder("steered_sequences") + "/model.onnx"
    let error = #expect(throws: Diagnostics.self) { try ONNXCase.load(path) }
    #expect(try #require(error).all.allSatisfy { $0.category == .unsupported })
  }

  @Test func boundInputsBecomeConstants() throws {
    let case0 = try #require(try TestCase(folder: Self.folder("steered_shapes")))
    var log = DiagnosticLog()
    let file = try ModelFile.open(path: case0.modelPath)
    let signature = try ONNXFrontend().signature(file, ImportOptions())
    #expect(signature.inputs.map(\.name).first == "x")
    let data = try case0.dataSet(case0.dataSetPaths[0], signature)
    var options = ImportOptions()
    for (port, value) in zip(signature.inputs, data.inputs) where port.name != "x" {
      options.constants[port.name] = value
    }
    let module = try ONNXFrontend().load(file, options, &log)
    #expect(module.main.inputs.map(\.name) == ["x"])
    #expect(module.main.outputs.allSatisfy { $0.type.shape.isStatic })
  }
}
