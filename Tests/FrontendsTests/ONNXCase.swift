import Foundation
import Frontends
import IR
import Testing

/// A test-case folder with an ONNX model, run through importer, verifier and interpreter.
struct ONNXCase: Sendable, CustomTestStringConvertible {
  let folder: String

  var testDescription: String { folder.split(separator: "/").last.map(String.init) ?? folder }

  /// The repository's folder.
  static var root: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }

  /// The case folders in `path` whose names start with `prefix`; none where it does not exist.
  static func all(in path: String, prefix: String = "") -> [ONNXCase] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.sorted().filter {
      $0.hasPrefix(prefix) && FileManager.default.fileExists(atPath: "\(path)/\($0)/model.onnx")
    }.map { ONNXCase(folder: "\(path)/\($0)") }
  }

  /// The repository's own models that have recorded results.
  static var own: [ONNXCase] {
    all(in: root + "/Tests/Models", prefix: "onnx_").filter { $0.testDescription != "onnx_unsupported" }
  }

  /// Larger architectures beside the repository; none where they are absent.
  static var architectures: [ONNXCase] { all(in: root + "/../shared/models/arch") }

  static func load(_ path: String, _ options: ImportOptions = ImportOptions()) throws -> Module {
    var log = DiagnosticLog()
    let file = try ModelFile.open(path: path)
    #expect(ONNXFrontend.recognises(file))
    let module = try ONNXFrontend().load(file, options, &log)
    try Verifier(Registry()).verify(module)
    return module
  }

  /// Runs every data set and compares; returns how many there were.
  func check() throws -> Int {
    let found = try TestCase(folder: folder)
    let test = try #require(found)
    for path in test.dataSetPaths {
      let module = try ONNXCase.load(test.modelPath)
      let data = try test.dataSet(path, ModelSignature(module))
      let results = try Interpreter(module.main).run(data.inputs.compactMap(\.tensor))
      try #require(results.count == data.outputs.count)
      for (index, (got, want)) in zip(results, data.outputs).enumerated() {
        let problem = difference(got, try #require(want.tensor), test.tolerance)
        #expect(problem == nil, "\(path) output \(index): \(problem ?? "")")
      }
    }
    return test.dataSetPaths.count
  }

  /// The first place where `got` is not what was wanted; nil where there is none.
  private func difference(_ got: Tensor, _ want: Tensor, _ tolerance: Tolerance) -> String? {
    guard got.shape == want.shape, got.element == want.element else {
      return "\(got.type) instead of \(want.type)"
    }
    if want.element == .string {
      func bytes(_ tensor: Tensor) -> [[UInt8]] { tensor.storage.strings.map { Array($0.utf8) } }
      return bytes(got) == bytes(want) ? nil : "\(got.storage.strings) instead of \(want.storage.strings)"
    }
    let (a, b) = (got.doubles(), want.doubles())
    let peak: Double = b.filter(\.isFinite).map(abs).max() ?? 0
    for index in a.indices where a[index] != b[index] && !(a[index].isNaN && b[index].isNaN) {
      let limit: Double = want.element.isFloat
        ? tolerance.atol + tolerance.relmax * peak + tolerance.rtol * abs(b[index])
        : tolerance.steps
      if !(abs(a[index] - b[index]) <= limit) {
        return "element \(index) is \(a[index]) instead of \(b[index])"
      }
    }
    return nil
  }
}
