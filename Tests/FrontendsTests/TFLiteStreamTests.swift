import Foundation
import Frontends
import IR
import Testing

/// Models with memory, control flow and several subgraphs against LiteRT, run after run.
@Suite struct TFLiteStreamTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Streams")
  static let cases = TFLiteCase.all(below: folder)

  @Test func casesAreThere() {
    #expect(Self.cases.count == 15)
  }

  @Test(arguments: cases)
  func runsFollowOnEachOther(_ item: TFLiteCase) throws {
    // Extents that only values show are settled by importing for those values.
    let module = try? item.load()
    var states = module.map { Interpreter($0.main).initialStates } ?? []
    for sample in item.samples {
      let inputs = try item.arrays("input", in: sample)
      let outputs =
        try module.map { try Interpreter($0.main).run(inputs, &states) }
        ?? Interpreter(try bound(item, inputs).main).run([])
      let expected = try item.arrays("output", in: sample)
      try #require(outputs.count == expected.count && !expected.isEmpty)
      for (output, wanted) in zip(outputs, expected) {
        let wrong = item.differences(output, wanted)
        #expect(wrong == 0, "\(sample.lastPathComponent): \(wrong) of \(wanted.count)")
      }
    }
  }

  /// The module with all inputs as constants.
  private func bound(_ item: TFLiteCase, _ inputs: [Tensor]) throws -> Module {
    let file = try ModelFile.open(path: item.model)
    var options = ImportOptions()
    let ports = try TFLiteFrontend().signature(file, options).inputs
    for (port, tensor) in zip(ports, inputs) { options.constants[port.name] = .tensor(tensor) }
    var log = DiagnosticLog()
    return try TFLiteFrontend().load(file, options, &log)
  }

  private func load(_ name: String) throws -> Module {
    try #require(Self.cases.first { $0.testDescription == name }).load()
  }

  @Test func memoryIsInTheText() throws {
    let text = Printer.print(try load("svdf_r2_int8"))
    #expect(text.contains("state(%state: tensor<2x40xi16, scale=0.0005"))
    #expect(text.contains(" next %"))
    let module = try Parser.parse(text, Registry())
    #expect(Printer.print(module) == text)
    #expect(module.main.states.map(\.name) == ["state"])
  }

  @Test func loopsOfUnknownLengthStayLoops() throws {
    let unknown = Printer.print(try load("while_runtime_f32"))
    #expect(unknown.contains("= while("))
    let again = Printer.print(try Parser.parse(unknown, Registry()))
    #expect(again == unknown)
    let known = Printer.print(try load("while_known_f32"))
    #expect(!known.contains("while("))
    let choice = Printer.print(try load("if_runtime_f32"))
    #expect(choice.contains("= if(%flag)"))
  }

  @Test func variablesStartFromWhatTheFileSays() throws {
    let module = try load("variable_call_once_f32")
    #expect(module.main.states.map(\.name) == ["total"])
    #expect(Interpreter(module.main).initialStates.map { $0.floats() } == [[1, 2, 3]])
  }

  @Test func theUsualSignatureNamesThePorts() throws {
    let item = try #require(Self.cases.first { $0.testDescription == "signature_two_f32" })
    var log = DiagnosticLog()
    let module = try TFLiteFrontend().load(
      ModelFile.open(path: item.model), ImportOptions(), &log)
    #expect(module.main.inputs.map(\.name) == ["features"])
    #expect(module.main.outputs.map(\.name) == ["scores"])
    let remark = try #require(log.diagnostics.first { $0.severity == .remark })
    #expect(remark.message.contains("serving_default") && remark.notes == ["others: 'other'"])
  }

  @Test func boundInputsFoldAway() throws {
    let item = try #require(Self.cases.first { $0.testDescription == "positions_f32" })
    let inputs = try item.arrays("input", in: try #require(item.samples.first))
    let module = try bound(item, inputs)
    #expect(module.main.inputs.isEmpty && module.main.graph.operationCount == 0)
  }
}
