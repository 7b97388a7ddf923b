import Foundation
import Frontends
import IR
import Testing

/// Models with recorded vectors: int8 must be equal byte for byte to TFLite's reference kernels.
struct TFLiteFrontendTests {
  @Test func ownModelsAreThere() {
    #expect(TFLiteCase.own.count == 13)
  }

  @Test(arguments: TFLiteCase.own)
  func ownModelGivesRecordedOutputs(_ item: TFLiteCase) throws {
    try expectRecordedOutputs(item)
  }

  /// Real models beside the repository, in a checkout that has them.
  static let shared = TFLiteCase.all(
    below: URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../../shared/models/tflite"
    ).standardizedFileURL)

  @Test(.enabled(if: !shared.isEmpty, "no shared models beside the repository"), arguments: shared)
  func sharedModelGivesRecordedOutputs(_ item: TFLiteCase) throws {
    try expectRecordedOutputs(item)
  }

  private func expectRecordedOutputs(_ item: TFLiteCase) throws {
    let module = try item.load()
    try #require(!item.samples.isEmpty)
    for sample in item.samples {
      let inputs = try item.arrays("input", in: sample)
      let outputs = try Interpreter(module.main).run(inputs)
      let expected = try item.arrays("output", in: sample)
      try #require(outputs.count == expected.count && !expected.isEmpty)
      for (index, pair) in zip(outputs, expected).enumerated() {
        let wrong = item.differences(pair.0, pair.1)
        #expect(
          wrong == 0, "\(sample.lastPathComponent) output \(index): \(wrong) of \(pair.1.count)")
      }
    }
  }

  @Test func operationsKnowTheirSource() throws {
    let module = try #require(TFLiteCase.own.first { $0.testDescription == "tflite_net_int8" }).load()
    let graph = module.main.graph
    let nodes = graph.allOperations().map { graph[$0].location.nodes }
    #expect(nodes.allSatisfy { $0.count == 1 })
    #expect(nodes.contains([SourceNode(name: "depthwise", operation: "DEPTHWISE_CONV_2D")]))
    #expect(module.name == "model")
    #expect(module.source.format == "tflite")
  }

  @Test func tableNamesEachOperatorOnce() {
    let names = tfliteOperators.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.count >= 110)
  }
}
