import Foundation
import Testing

@Suite("Saved calibrations")
struct SavedCalibrationTests {
  private let digits = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/digits")
  private var model: String { digits.appending(path: "digits.onnx").path() }

  private func compile(_ more: [String], _ scratch: Scratch) throws -> Tool.Outcome {
    try Tool.run([model, "--target", "cpu", "--quantize", "int8"] + more, in: scratch.url)
  }

  /// All files of an artifact but the manifest, which names the calibration's source.
  private func files(_ folder: String, _ scratch: Scratch) throws -> [String: Data] {
    let root = scratch.url.appending(path: folder)
    var files: [String: Data] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: root.path()) ?? .init() {
      let file = root.appending(path: path)
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: file.path(), isDirectory: &isFolder)
      if !isFolder.boolValue && path != "manifest.json" { files[path] = try Data(contentsOf: file) }
    }
    return files
  }

  @Test("replays to the byte, changes with an edited range, and is refused for another model")
  func replay() throws {
    let scratch = try Scratch()
    let calibration = digits.appending(path: "calibration.npz").path()
    let made = try compile(
      ["--calibration", calibration, "--save-calibration", "c.yaml", "-o", "a"], scratch)
    #expect(made.status == 0, "\(made.errors)")
    let replayed = try compile(
      ["--calibration", "c.yaml", "--save-calibration", "d.yaml", "-o", "b"], scratch)
    #expect(replayed.status == 0, "\(replayed.errors)")
    let original = try files("a", scratch)
    #expect(original.count > 2)
    #expect(try files("b", scratch) == original)
    let file = scratch.url.appending(path: "c.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    let again = try String(contentsOf: scratch.url.appending(path: "d.yaml"), encoding: .utf8)
    #expect(text == again)

    let line = try #require(text.split(separator: "\n").first { $0.contains("value: \"logits\"") })
    let edited = line.replacing(/chosen: \[.*?\]/, with: "chosen: [-40.0, 40.0]")
    try Data(text.replacing(line, with: edited).utf8).write(to: file)
    #expect(try compile(["--calibration", "c.yaml", "-o", "c"], scratch).status == 0)
    #expect(try files("c", scratch) != original)

    let other = try Tool.model("onnx_conv_bn_relu")
    let stale = try Tool.run(
      [other, "--target", "cpu", "--quantize", "int8", "--calibration", "c.yaml"], in: scratch.url)
    #expect(stale.status == 2)
    #expect(stale.errors.contains("of another model: 'digits.onnx'"), "\(stale.errors)")
  }

  @Test("what is wrong with a file is said with its line") func broken() throws {
    let scratch = try Scratch()
    let text = """
      edgecc_calibration: 1
      model: {name: "digits.onnx", sha256: "00"}
      samples: {count: 1, sha256: ""}
      ranges:
        - {value: "image", method: mse, seen: [0, 1], chosen: [1, 0]}
      channels: []
      layers:
        - {value: "logits", roundings: "?"}
      """
    try Data(text.utf8).write(to: scratch.url.appending(path: "c.yaml"))
    let outcome = try compile(["--calibration", "c.yaml"], scratch)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("c.yaml:5: error"), "\(outcome.errors)")
    #expect(outcome.errors.contains("'chosen' is two numbers, the smaller first"))
    #expect(outcome.errors.contains("these 'roundings' cannot be read"))
    try Data("edgecc_calibration: 9".utf8).write(to: scratch.url.appending(path: "c.yaml"))
    let newer = try compile(["--calibration", "c.yaml"], scratch)
    #expect(newer.errors.contains("no saved calibration that this edgecc can read"))
  }
}

@Suite("Synthetic calibration")
struct SyntheticCalibrationTests {
  @Test("inputs are told from the batch normalisation behind the first layer, and the report warns")
  func statistics() throws {
    // Σw is 2 and −1, Σw² is 2 and 1: elements of mean 3 and deviation 0.5 give these.
    let text = """
      module @m {
        constant @w : tensor<2x1x1x2xf32> = dense<[1, 1, -1, 0]>
        constant @b : tensor<2xf32> = dense<[0.25, -0.5]>
        constant @one : tensor<2xf32> = dense<[1, 1]>
        constant @mean : tensor<2xf32> = dense<[6.25, -3.5]>
        constant @variance : tensor<2xf32> = dense<[0.5, 0.25]>
        func @main(%x: tensor<1x4x4x2xf32>) -> (y: tensor<1x4x4x2xf32>) {
          %0 = conv2d(%x, @w, @b) : tensor<1x4x4x2xf32>
          %1 = batch_norm(%0, @one, @one, @mean, @variance) : tensor<1x4x4x2xf32>
          return %1
        }
      }
      """
    let scratch = try Scratch()
    try Data(text.utf8).write(to: scratch.url.appending(path: "m.eir"))
    let outcome = try Tool.run(
      ["m.eir", "--target", "cpu", "--quantize", "int8", "--calibration", "synthetic"],
      in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("'x': mean 3.000, deviation 0.50000, told from"), "\(outcome.output)")
    #expect(outcome.output.contains("no basis for shipping"))
  }
}
