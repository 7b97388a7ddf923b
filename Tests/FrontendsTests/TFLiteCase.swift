import Foundation
import Frontends
import IR
import Testing

/// A test-case folder with a TFLite model: `model.tflite`, `test_data_set_K/{input,output}_J.npy`.
struct TFLiteCase: Sendable, CustomTestStringConvertible {
  let folder: URL
  /// Bounds for float results: `atol + rtol · |expected| + relmax · largest expected`.
  var rtol: Double = 1e-4
  var atol: Double = 1e-5
  var relmax: Double = 1e-5

  var testDescription: String { folder.lastPathComponent }
  var model: String { folder.appendingPathComponent("model.tflite").path }

  init(folder: URL) {
    self.folder = folder
    // Weights of 8 bits under float activations: the reference quantises the activations as well.
    if folder.lastPathComponent == "kws_ref_model_float32" { relmax = 0.02 }
  }

  /// The case folders below `folder`, by name; none where it does not exist.
  static func all(below folder: URL, prefix: String = "") -> [TFLiteCase] {
    let entries = (try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)) ?? []
    return entries.map { TFLiteCase(folder: $0) }
      .filter {
        $0.testDescription.hasPrefix(prefix) && FileManager.default.fileExists(atPath: $0.model)
      }
      .sorted { $0.testDescription < $1.testDescription }
  }

  /// The repository's own models.
  static var own: [TFLiteCase] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    return all(below: tests.appendingPathComponent("Models"), prefix: "tflite_")
  }

  var samples: [URL] {
    let entries = (try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)) ?? []
    return entries.filter { $0.lastPathComponent.hasPrefix("test_data_set_") }
      .sorted { $0.path < $1.path }
  }

  func load() throws -> Module {
    var log = DiagnosticLog()
    return try TFLiteFrontend().load(ModelFile.open(path: model), ImportOptions(), &log)
  }

  /// `input_0.npy`, `input_1.npy` … of a sample, as many as there are.
  func arrays(_ stem: String, in sample: URL) throws -> [Tensor] {
    var result: [Tensor] = []
    while true {
      let path = sample.appendingPathComponent("\(stem)_\(result.count).npy").path
      guard FileManager.default.fileExists(atPath: path) else { return result }
      result.append(try DataFile.loadOne(path))
    }
  }

  /// How many elements of `actual` are not what was recorded.
  func differences(_ actual: Tensor, _ expected: Tensor) -> Int {
    guard actual.shape == expected.shape, actual.element == expected.element else {
      return max(actual.count, 1)
    }
    let reference = expected.doubles()
    let largest = reference.map { abs($0) }.filter(\.isFinite).max() ?? 0
    return zip(actual.doubles(), reference).filter { value, wanted in
      if value == wanted || (value.isNaN && wanted.isNaN) { return false }
      guard expected.element.isFloat else { return true }
      return !(abs(value - wanted) <= atol + rtol * abs(wanted) + relmax * largest)
    }.count
  }
}
