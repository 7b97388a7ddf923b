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

  // MARK: Precision by operation

  /// The outputs of the test set under `options` on `target`.
  private func outputs(_ target: String, _ options: [String], _ scratch: Scratch) throws -> Data {
    let outcome = try Tool.run(
      [
        "run", Self.digits.appending(path: "digits.onnx").path(), "--target", target,
        "--calibration", Self.digits.appending(path: "calibration.npz").path(), "--data",
        Self.digits.appending(path: "test.npz").path(), "--output", "o.npy",
      ] + options, in: scratch.url)
    try #require(outcome.status == 0, "\(target) \(options): \(outcome.errors)")
    return try Data(contentsOf: scratch.url.appending(path: "o.npy"))
  }

  @Test("mixed widths are the same bytes on every target")
  func widths() throws {
    let scratch = try Scratch()
    try """
    precision: int8
    output: int16
    rules:
      - layer: first
        precision: int16
      - kind: max_pool2d
        precision: int8
    """.write(to: scratch.url.appending(path: "r.yaml"), atomically: true, encoding: .utf8)
    for options in [["--quantize", "int16x8"], ["--recipe", "r.yaml"]] {
      let reference = try outputs("interpreter", options, scratch)
      for target in ["cpu", "npu"] {
        #expect(try outputs(target, options, scratch) == reference, "\(target) \(options)")
      }
    }
  }

  @Test("more bits are nearer to float")
  func precisions() throws {
    func noise(_ options: [String]) throws -> Double {
      let object = try compile(options, Scratch())
      let fidelity = try #require(object["accuracy"] as? [String: Any], "\(object.keys)")
      return try #require(fidelity["sqnr_db"] as? Double, "\(fidelity)")
    }
    let narrow = try noise(["--quantize", "int8"])
    let output = try noise(["--quantize", "int8", "--output-type", "int16"])
    let wide = try noise(["--quantize", "int16x8"])
    #expect(output > narrow + 0.3, "\(narrow), \(output)")
    #expect(wide > output + 3, "\(output), \(wide)")
    // A half has 11 bits, so errors are 2⁻¹² of the weights at most: 72 dB, and more by chance.
    #expect(try noise(["--quantize", "float16"]) > 60)
    // Rounded to the nearest: 35.3 dB were measured, and one bit is worth 6 dB.
    #expect(try noise(["--quantize", "weights-int8"]) > 34)
  }

  @Test("weights in fewer bits take less flash")
  func flash() throws {
    func weights(_ precision: String) throws -> Double {
      let object = try compile(["--quantize", precision], Scratch())
      let cpu = try #require(object["cpu"] as? [String: Any], "\(object)")
      return try #require(cpu["weight_bytes"] as? Double, "\(cpu)")
    }
    let whole = try weights("none")
    #expect(try weights("float16") < 0.6 * whole)
    #expect(try weights("weights-int8") < 0.35 * whole)
    #expect(try weights("weights-int4") < 0.25 * whole)
  }

  @Test("what is wrong with a recipe is told by its lines")
  func recipeFile() throws {
    let scratch = try Scratch()
    try """
    precision: int9
    outptu: int16
    rules:
      - kind: add
        node: x
      - value: x
        range: [1]
    """.write(to: scratch.url.appending(path: "r.yaml"), atomically: true, encoding: .utf8)
    let outcome = try Tool.run(
      [
        Self.digits.appending(path: "digits.onnx").path(), "--target", "cpu", "--recipe", "r.yaml",
      ], in: scratch.url)
    #expect(outcome.status == 2)
    for part in ["r.yaml:1: error", "r.yaml:2: error", "r.yaml:4: error", "r.yaml:7: error"] {
      #expect(outcome.errors.contains(part), "\(part) in \(outcome.errors)")
    }
    #expect(outcome.errors.contains("did you mean 'output'?"))
  }

  @Test("a rule that matches nothing is named")
  func uselessRule() throws {
    let scratch = try Scratch()
    try "rules: [{kind: conv3d, precision: int16}]"
      .write(to: scratch.url.appending(path: "r.yaml"), atomically: true, encoding: .utf8)
    let outcome = try Tool.run(
      [
        Self.digits.appending(path: "digits.onnx").path(), "--target", "cpu", "--recipe", "r.yaml",
        "-o", "out",
      ], in: scratch.url)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.contains("warning: recipe: the rule for 'kind:conv3d' matches nothing"),
      "\(outcome.errors)")
  }
}
