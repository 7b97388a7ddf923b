import Foundation
import Testing

@Suite("run --save-logits")
struct SoftTargetTests {
  private let digits = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Examples/digits")

  /// Runs the test set.
  private func outcome(_ more: [String], in folder: URL) throws -> Tool.Outcome {
    let model = digits.appending(path: "digits.onnx").path()
    let data = digits.appending(path: "test.npz").path()
    return try Tool.run(["run", model, "--data", data] + more, in: folder)
  }

  @Test("an archive holds every output by name and the labels; the accuracy is ONNX Runtime's")
  func archive() throws {
    let scratch = try Scratch()
    let outcome = try outcome(
      ["--save-logits", "soft.npz", "--output", "plain.npy", "--json"], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    let recorded = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: digits.appending(path: "accuracy.json"))) as? [String: Any])
    #expect(object["correct"] as? Int == recorded["correct"] as? Int)
    let archive = try Data(contentsOf: scratch.url.appending(path: "soft.npz"))
    let plain = try Data(contentsOf: scratch.url.appending(path: "plain.npy"))
    #expect(archive.range(of: plain.suffix(450 * 10 * 4)) != nil)
    for name in ["logits.npy", "labels.npy"] {
      #expect(archive.range(of: Data(name.utf8)) != nil)
    }
  }

  @Test("where the archive cannot be written, nothing is left and the status says so")
  func failure() throws {
    let scratch = try Scratch()
    let outcome = try outcome(["--save-logits", "absent/soft.npz"], in: scratch.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("absent/soft.npz"), "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path()).isEmpty)
    let usage = try Tool.run(["run", "m.onnx", "--save-logits", "soft.npz"], in: scratch.url)
    #expect(usage.status == 2)
    #expect(usage.errors.contains("--save-logits goes with --data"))
  }
}
