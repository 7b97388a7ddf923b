import Foundation
import Testing

/// `--prune` and what goes with it, on the digits example and on layers that an array of multipliers
/// fits.
@Suite("pruning from the command line")
struct PruningTests {
  private static let digits = Tool.models.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples/digits")

  private func compile(
    _ options: [String], calibrated: Bool = true
  ) throws -> (outcome: Tool.Outcome, object: [String: Any]) {
    let data = calibrated
      ? ["--calibration", Self.digits.appending(path: "calibration.npz").path()] : []
    let model = Self.digits.appending(path: "digits.onnx").path()
    let scratch = try Scratch()
    let outcome = try Tool.run([model, "--json", "-o", "out"] + data + options, in: scratch.url)
    let object = try? JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any]
    return (outcome, object ?? [:])
  }

  @Test("both figures of the target's cost are told, and the cost falls")
  func cost() throws {
    let (outcome, object) = try compile(["--target", "npu", "--prune", "0.4"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let pruning = try #require(object["pruning"] as? [String: Any], "\(object.keys)")
    #expect(pruning["cost"] as? String == "cycles")
    let before = try #require(pruning["cost_before"] as? Int)
    let after = try #require(pruning["cost_after"] as? Int)
    #expect(after < before)
    // What was modelled is what the target then reports.
    let unit = try #require(object["npu"] as? [String: Any])
    #expect(unit["cycles"] as? Int == after, "\(unit)")
  }

  @Test("a budget is kept, and not by much more than it takes")
  func budget() throws {
    let (outcome, object) = try compile(
      ["--target", "cpu", "--quantize", "none", "--prune-budget", "macs=100K"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let macs = try #require(object["macs"] as? Int)
    #expect(macs <= 100_000 && macs > 94_000, "\(macs)")
  }

  @Test(
    "what cannot be is refused with the remedy",
    arguments: [
      (["--prune-budget", "cycles=100"], "no model of cycles"),
      (["--prune-budget", "macs=100"], "as far as it goes"),
      (["--prune-budget", "speed=2"], "is not a limit"),
      (["--prune-scope", "layer"], "say how much to prune"),
      (["--prune", "0.3", "--prune-budget", "macs=1M"], "choose one"),
    ])
  func refusals(options: [String], words: String) throws {
    let (outcome, _) = try compile(["--target", "cpu", "--quantize", "none"] + options)
    #expect(outcome.status == 2, "\(outcome.status)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test("without samples it goes by the weights and says so")
  func withoutSamples() throws {
    let options = ["--target", "cpu", "--quantize", "none", "--prune", "0.3"]
    let (outcome, object) = try compile(options, calibrated: false)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("re-fits nothing"), "\(outcome.errors)")
    #expect(object["calibration"] as? String == "none")
    let refused = try compile(options + ["--prune-importance", "activation"], calibrated: false)
    #expect(refused.outcome.status == 2)
    #expect(refused.outcome.errors.contains("--calibration"), "\(refused.outcome.errors)")
  }
}
