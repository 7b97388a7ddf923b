import Foundation
import Frontends
import IR
import Testing

@Suite struct ONNXFrontendTests {
  @Test(arguments: ONNXCase.own)
  func ownModelsGiveTheRecordedResults(_ test: ONNXCase) throws {
    #expect(try test.check() >= 1)
  }

  @Test(
    .enabled(if: !ONNXCase.architectures.isEmpty, "the larger architectures are not here"),
    arguments: ONNXCase.architectures)
  func architecturesGiveTheRecordedResults(_ test: ONNXCase) throws {
    #expect(try test.check() == 2)
  }

  @Test func everyUnsupportedNodeIsNamedAtOnce() throws {
    let path = ONNXCase.root + "/Tests/Models/onnx_unsupported/model.onnx"
    let error = #expect(throws: Diagnostics.self) { try ONNXCase.load(path) }
    let found = try #require(error).all
    #expect(found.map(\.place) == ["Wobble_1", "Twist_3"])
    #expect(found.allSatisfy { $0.category == .unsupported && $0.file == path })
    #expect(found[0].message == "operator 'Wobble' (domain acme, opset 1) is not supported")
    #expect(found.allSatisfy { !$0.help.isEmpty })
  }

  @Test func aSymbolicBatchIsBoundOnRequest() throws {
    let path = ONNXCase.root + "/Tests/Models/onnx_symbolic_batch/model.onnx"
    #expect(try ONNXCase.load(path).main.inputs[0].type.shape == [Shape.unknown, 2, 6, 6])
    var options = ImportOptions()
    options.dimensions["batch"] = 5
    let module = try ONNXCase.load(path, options)
    #expect(module.main.inputs[0].type.shape == [5, 2, 6, 6])
    #expect(module.main.outputs[0].type.shape[0] == 5)
  }

  @Test func aShapeThatContradictsTheModelIsRefused() throws {
    var options = ImportOptions()
    options.shapes["x"] = [5, 3, 6, 6]
    let path = ONNXCase.root + "/Tests/Models/onnx_symbolic_batch/model.onnx"
    let error = #expect(throws: Diagnostics.self) { try ONNXCase.load(path, options) }
    #expect(try #require(error).all[0].message == "--shape gives 3 for dimension 1, the model has 2")
  }

  @Test func constantsKeepTheirNamesAndOperationsTheirNodes() throws {
    let graph = try ONNXCase.load(ONNXCase.root + "/Tests/Models/onnx_gemm/model.onnx").main.graph
    let locations = graph.allOperations().flatMap { graph[$0].location.nodes }
    #expect(locations.contains { $0.operation == "Gemm" })
    #expect(locations.allSatisfy { !$0.name.isEmpty })
    #expect(graph.constants().contains { graph.name(of: $0) != nil })
  }

  @Test func theOperatorListIsSortedAndUnique() {
    let operators = ONNXFrontend.operators
    #expect(operators.contains { $0.name == "Conv" && $0.domain.isEmpty })
    let keys = operators.map { $0.domain + ":" + $0.name }
    #expect(Set(keys).count == keys.count)
    #expect(operators.allSatisfy { $0.format == "onnx" })
  }

  @Test(arguments: 0..<64)
  func corruptedModelsAreRefusedOrAcceptedButNeverTrap(_ seed: Int) throws {
    let path = ONNXCase.root + "/Tests/Models/onnx_qdq_int8/model.onnx"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    if seed % 4 == 0 {
      bytes.removeLast(next(bytes.count))
    } else {
      for _ in 0...next(8) { bytes[next(bytes.count)] ^= UInt8(1 << next(8)) }
    }
    let contents = bytes
    let storage = Storage(byteCount: contents.count) { $0.copyBytes(from: contents) }
    let file = ModelFile(path: "corrupted.onnx", storage: storage)
    var log = DiagnosticLog()
    do {
      let module = try ONNXFrontend().load(file, ImportOptions(), &log)
      try Verifier(Registry()).verify(module)
    } catch let diagnostic as Diagnostic {
      #expect(diagnostic.category != .internal, "\(diagnostic)")
    } catch let several as Diagnostics {
      #expect(several.all.allSatisfy { $0.category != .internal })
    }
  }
}
