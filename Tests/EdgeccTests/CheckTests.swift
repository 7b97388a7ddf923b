import Foundation
import Testing

/// `edgecc check`: every node that does not fit, in one run.
@Suite("Support check")
struct CheckTests {
  private func violations(_ arguments: [String]) throws -> [[String: Any]] {
    let outcome = try Tool.run(["check"] + arguments + ["--json"])
    #expect(outcome.status == 1, "\(outcome.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    #expect(document["fits"] as? Bool == false)
    return try #require(document["violations"] as? [[String: Any]])
  }

  /// A model that no frontend takes whole.
  private func refused(_ format: String) -> String {
    Tool.models.appending(path: "refused_\(format)_two_operators/model.\(format)").path()
  }

  private func find(_ list: [[String: Any]], _ node: String, _ code: String) -> [String: Any]? {
    list.first { $0["node"] as? String == node && $0["constraint"] as? String == code }
  }

  @Test("two operators that cannot be imported, and what does not fit behind them, in one run")
  func twoBadOperators() throws {
    let list = try violations([refused("onnx"), "--target", "npu"])
    let unknown = try #require(find(list, "Wobble_1", "onnx-operator"))
    #expect(unknown["domain"] as? String == "acme")
    #expect(unknown["source_operation"] as? String == "Wobble")
    #expect(unknown["imported"] as? Bool == false)
    #expect((unknown["help"] as? String)?.contains("standard operators") == true)
    #expect(unknown["edgecc_can"] as? Bool == false)
    let form = try #require(find(list, "MaxPool_3", "onnx-form"))
    #expect(form["domain"] as? String == "ai.onnx")
    #expect((form["seen"] as? String)?.contains("negative pads") == true)
    #expect(form["help"] as? String == "use Slice instead")
    let softmax = try #require(find(list, "Softmax_4", "npu-softmax"))
    #expect(softmax["operation"] as? String == "softmax")
    #expect(softmax["seen"] as? String == "axis 2 of 4")
    #expect(softmax["runs_elsewhere"] as? Bool == true)
  }

  @Test("the same of a TFLite model")
  func twoBadTFLiteOperators() throws {
    let list = try violations([refused("tflite"), "--target", "cpu"])
    #expect(list.count == 2)
    let codes = Set(list.compactMap { $0["constraint"] as? String })
    #expect(codes == ["tflite-form", "tflite-operator"])
    #expect(Set(list.compactMap { $0["domain"] as? String }) == ["tflite"])
    let names = list.compactMap { $0["source_operation"] as? String }
    #expect(Set(names) == ["CONV_2D", "MULTINOMIAL"])
    #expect(list.allSatisfy { ($0["seen"] as? String)?.isEmpty == false })
  }

  @Test("text names node, domain, demand, value, remedy and what edgecc does about it")
  func text() throws {
    let model = refused("onnx")
    let outcome = try Tool.run(["check", model, "--target", "npu"])
    #expect(outcome.status == 1)
    for line in [
      "Wobble_1: Wobble of acme  cannot be imported",
      "  demand  the operator is one that edgecc imports (onnx-operator)",
      "  seen    'Wobble' of domain acme, version 1",
      "; or export the model with standard operators, or cut it before this node",
      "  edgecc  cannot: it does not know what the operator computes; a plugin can tell it",
      "Softmax_4: Softmax of ai.onnx, softmax  runs elsewhere",
      "model.onnx: 3 of ",
    ] { #expect(outcome.output.contains(line), "\(line)\n\(outcome.output)") }
  }

  @Test("what lies behind an operator of unknown results is said not to be looked at")
  func passedOver() throws {
    let outcome = try Tool.run(["check", try Tool.model("onnx_unsupported"), "--target", "cpu"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("Wobble_1") && outcome.output.contains("Twist_3"))
    #expect(outcome.errors.contains("1 node behind those"), "\(outcome.errors)")
  }

  @Test("a remedy that edgecc has is tried: int8 mends what float breaks")
  func remedies() throws {
    let model = try Tool.model("onnx_conv_bn_relu")
    let list = try violations([model, "--target", "npu", "--quantize", "none"])
    let float = list.filter { $0["constraint"] as? String == "npu-int8" }
    try #require(!float.isEmpty)
    #expect(float.allSatisfy { $0["edgecc_can"] as? Bool == true }, "\(float)")
    #expect(float.allSatisfy { $0["edgecc"] as? String == "--quantize int8" })
    // And indeed.
    let outcome = try Tool.run(["check", model, "--target", "npu", "--quantize", "int8"])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test("without fallback, what would run elsewhere is not supported")
  func noFallback() throws {
    let model = refused("onnx")
    let list = try violations([model, "--target", "npu", "--no-fallback"])
    #expect(list.allSatisfy { $0["runs_elsewhere"] as? Bool == false })
  }

  @Test("a malformed model is bad input, not a finding")
  func malformed() throws {
    let path = Tool.models.deletingLastPathComponent()
      .appending(path: "Malformed/cycle.onnx").path()
    #expect(try Tool.run(["check", path, "--target", "cpu"]).status == 2)
  }

  @Test("every demand of every target has a remedy, and the documentation shows it")
  func documentedRemedies() throws {
    let outcome = try Tool.run(["targets", "--json"])
    let document = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    let docs = Tool.models.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Docs/targets.md")
    let page = try String(contentsOf: docs, encoding: .utf8)
    for target in try #require(document["targets"] as? [[String: Any]]) {
      for constraint in try #require(target["constraints"] as? [[String: Any]]) {
        let code = try #require(constraint["code"] as? String)
        let help = try #require(constraint["help"] as? String, "\(code) has no remedy")
        #expect(page.contains(help), "'make docs' has not been run since \(code) changed")
      }
    }
  }
}
