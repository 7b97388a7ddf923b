import Foundation
import Testing

/// Quantisation and pruning of the digits example, whose figures Docs/quantization.md gives. What
/// quantisers differ in is the noise of the logits, not the accuracy of 450 images.
@Suite("quantising and pruning digits")
struct QuantizationTests {
  private static let digits = Tool.models.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples/digits")

  private func compile(_ options: [String], _ scratch: Scratch) throws -> [String: Any] {
    let outcome = try Tool.run(
      [
        Self.digits.appending(path: "digits.onnx").path(), "--target", "cpu", "--calibration",
        Self.digits.appending(path: "calibration.npz").path(), "--data",
        Self.digits.appending(path: "test.npz").path(), "--json", "-o", "out",
      ] + options, in: scratch.url)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
  }

  private func signalToNoise(_ options: [String]) throws -> Double {
    let object = try compile(["--quantize", "int8"] + options, Scratch())
    let fidelity = try #require(object["accuracy"] as? [String: Any], "\(object.keys)")
    return try #require(fidelity["sqnr_db"] as? Double, "\(fidelity)")
  }

  @Test("int8 stays as near to float as it was measured to")
  func int8() throws {
    #expect(try signalToNoise([]) >= 35)
  }

  @Test("each part of the recipe earns its place")
  func parts() throws {
    func noise(_ quantize: String) throws -> Double {
      try signalToNoise([
        "--pass-pipeline",
        "default,expand-composites{only=all},\(quantize),convert-qdq{rounding=single},"
          + "fold-constants{dequantize=true},canonicalize,remove-duplicates,lower-tables,"
          + "remove-duplicates,remove-dead-code",
      ])
    }
    let plain = try noise("quantize{ranges=minmax,margins=false,weights=nearest,correct-bias=false}")
    let corrected = try noise("quantize{ranges=minmax,margins=false,weights=nearest}")
    let all = try noise("equalize-activations,quantize")
    #expect(corrected > plain + 0.3, "\(plain), \(corrected)")
    #expect(all > corrected + 0.3, "\(corrected), \(all)")
  }

  @Test("the order of the calibration samples does not show in a single byte")
  func order() throws {
    let scratch = try Scratch()
    _ = try compile(["--quantize", "int8"], scratch)
    let first = try scratch.files(below: "out").filter { $0.key.hasSuffix(".c") }
    let shuffled = scratch.url.appending(path: "samples")
    try shuffle(into: shuffled)
    let outcome = try Tool.run(
      [
        Self.digits.appending(path: "digits.onnx").path(), "--target", "cpu", "--quantize",
        "int8", "--calibration", shuffled.path(), "-o", "again",
      ], in: scratch.url)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let second = try scratch.files(below: "again").filter { $0.key.hasSuffix(".c") }
    #expect(!first.isEmpty)
    #expect(first == second)
  }

  /// The arrays of an archive by halves, the second first: raw bytes of `.npy` files moved about.
  private func shuffle(into folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["unzip", "-q", "-o", Self.digits.appending(path: "calibration.npz").path()]
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
    for name in names where name.hasSuffix(".npy") {
      let file = folder.appending(path: name)
      var bytes = [UInt8](try Data(contentsOf: file))
      let header = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
      let text = String(decoding: bytes[..<header], as: UTF8.self)
      let shape = try #require(text.firstMatch(of: /\((\d+),/))
      let count = try #require(Int(shape.1))
      let size = (bytes.count - header) / count
      let half = header + count / 2 * size
      bytes = Array(bytes[..<header] + bytes[half...] + bytes[header..<half])
      try Data(bytes).write(to: file)
    }
  }

  @Test("half of the work can go without the accuracy")
  func pruning() throws {
    let whole = try compile(["--quantize", "none"], Scratch())
    let pruned = try compile(["--quantize", "none", "--prune", "0.5"], Scratch())
    let before = try #require(whole["macs"] as? Int)
    let after = try #require(pruned["macs"] as? Int)
    #expect(Double(after) <= 0.52 * Double(before), "\(before), \(after)")
    let fidelity = try #require(pruned["accuracy"] as? [String: Any])
    let agreement = try #require(fidelity["top1_agreement"] as? Double, "\(fidelity)")
    #expect(agreement >= 0.97)
  }

  @Test("a ratio that cannot be is refused")
  func ratio() throws {
    let outcome = try Tool.run([
      Self.digits.appending(path: "digits.onnx").path(), "--target", "cpu", "--prune", "1.5",
    ])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("less than 1"), "\(outcome.errors)")
  }
}
