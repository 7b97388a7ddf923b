import Foundation
import Frontends
import IR
import Testing

/// One operator per model, as LiteRT's reference kernels compute it: integers byte for byte.
@Suite struct TFLiteOperatorTests {
  /// Cases beside the repository, in a checkout that has them.
  static let cases = TFLiteCase.all(
    below: URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../../shared/conformance/tflite"
    ).standardizedFileURL)

  @Test(.enabled(if: !cases.isEmpty, "no shared cases beside the repository"), arguments: cases)
  func operatorGivesRecordedOutputs(_ item: TFLiteCase) throws {
    var item = item
    // Under dynamic-range quantisation the reference rounds the activations to 8 bits as well.
    if item.testDescription.hasSuffix("_hybrid") { item.relmax = 0.02 }
    try #require(!item.samples.isEmpty)
    for sample in item.samples {
      let inputs = try item.arrays("input", in: sample)
      let module = try load(item, inputs)
      let outputs = try Interpreter(module.main).run(inputs)
      let expected = try item.arrays("output", in: sample)
      try #require(outputs.count == expected.count && !expected.isEmpty)
      for (output, wanted) in zip(outputs, expected) {
        let wrong = item.differences(output, wanted)
        #expect(wrong == 0, "\(sample.lastPathComponent): \(wrong) of \(wanted.count)")
      }
    }
  }

  /// The module with its free extents as the inputs have them.
  private func load(_ item: TFLiteCase, _ inputs: [Tensor]) throws -> Module {
    let module = try item.load()
    let pairs = zip(module.main.inputs, inputs).filter { $0.type.shape != $1.shape }
    guard !pairs.isEmpty else { return module }
    var options = ImportOptions()
    for (input, tensor) in pairs { options.shapes[input.name] = tensor.shape }
    var log = DiagnosticLog()
    return try TFLiteFrontend().load(ModelFile.open(path: item.model), options, &log)
  }
}
