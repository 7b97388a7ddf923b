import Foundation
import FuzzRoad
import Testing

/// What `make fuzz` starts from and what it has found: each file must still go its road, or be
/// refused with a diagnostic.
@Suite struct FuzzTests {
  private static func files(in folder: String) -> [String] {
    let root = ModelSet.root.appendingPathComponent("Tests/Fuzz/\(folder)")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.filter { !$0.hasPrefix(".") && $0 != "README.md" }.sorted()
      .map { root.appendingPathComponent($0).path }
  }

  @Test(arguments: files(in: "corpus/onnx") + files(in: "crashes/onnx"))
  func onnx(path: String) throws { try model(path, "fuzz.onnx") }

  @Test(arguments: files(in: "corpus/tflite") + files(in: "crashes/tflite"))
  func tflite(path: String) throws { try model(path, "fuzz.tflite") }

  @Test(arguments: files(in: "corpus/eir") + files(in: "crashes/eir"))
  func text(path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    data.withUnsafeBytes { _ = FuzzRoad().text($0) }
  }

  private func model(_ path: String, _ name: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    data.withUnsafeBytes { _ = FuzzRoad().model($0, fileName: name) }
  }
}
