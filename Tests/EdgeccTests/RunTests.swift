import Foundation
import Testing

@Suite("run, verify, conformance, opt")
struct RunTests {
  /// The recorded input of a model's first data set.
  private func input(_ name: String) -> String {
    Tool.models.appending(path: "\(name)/test_data_set_0/input_0.npy").path()
  }

  private func expected(_ name: String) throws -> Data {
    try Data(
      contentsOf: Tool.models.appending(path: "\(name)/test_data_set_0/output_0.npy"))
  }

  /// The elements of a `.npy` file, without its header, whose padding may differ.
  private func elements(_ npy: Data) -> Data {
    let length = Int(npy[npy.startIndex + 8]) | Int(npy[npy.startIndex + 9]) << 8
    return Data(npy.dropFirst(10 + length))
  }

  @Test(
    "the recorded output comes out to the byte",
    arguments: ["interpreter", "cpu", "npu"], ["tflite_fully_connected_int8", "tflite_conv_int8"])
  func recordedOutput(target: String, model: String) throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [
        "run", try Tool.model(model), "--target", target, "--input", input(model), "--output-dir",
        "out", "--json",
      ], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    let files = try #require(object["files"] as? [String])
    let first = try #require(files.first)
    let written = try Data(contentsOf: scratch.url.appending(path: first))
    #expect(elements(written) == elements(try expected(model)))
  }

  @Test("a model whose structure depends on its inputs runs with them, and compiles for no target")
  func structureFromInputs() throws {
    let scratch = try Scratch()
    let model = try Tool.model("steered_sequences")
    let data = Tool.models.appending(path: "steered_sequences/test_data_set_0")
    var arguments = ["run", model, "--output-dir", "out"]
    for (index, name) in ["x", "split", "place", "turns"].enumerated() {
      arguments += ["--input", "\(name)=" + data.appending(path: "input_\(index).npy").path()]
    }
    let outcome = try Tool.run(arguments, in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (index, name) in ["joined", "picked", "count"].enumerated() {
      let written = try Data(contentsOf: scratch.url.appending(path: "out/\(name).npy"))
      let recorded = try Data(contentsOf: data.appending(path: "output_\(index).npy"))
      #expect(elements(written) == elements(recorded))
    }
    let refused = try Tool.run([model, "--target", "cpu"], in: scratch.url)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("depends on the model's inputs"))
  }

  @Test("a loop whose turns depend on an input is an operation, which targets refuse with the reason")
  func runTimeLoop() throws {
    let model = try Tool.model("runtime_loop")
    for target in ["cpu", "mcu", "npu"] {
      let outcome = try Tool.run([model, "--target", target, "--quantize", "none"])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("while"), "\(outcome.errors)")
    }
  }

  @Test("an artifact runs as the model does")
  func artifact() throws {
    let scratch = try Scratch()
    let name = "tflite_net_int8"
    let model = try Tool.model(name)
    #expect(try Tool.run([model, "--target", "npu", "-o", "a"], in: scratch.url).status == 0)
    for (path, folder) in [(model, "one"), ("a", "two")] {
      let outcome = try Tool.run(
        ["run", path, "--input", input(name), "--output-dir", folder], in: scratch.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let one = try scratch.files(below: "one")
    #expect(!one.isEmpty)
    #expect(try scratch.files(below: "two") == one)
  }

  @Test("data that does not fit is told with both shapes")
  func wrongShape() throws {
    let outcome = try Tool.run([
      "run", try Tool.model("tflite_conv_int8"), "--input", input("tflite_fully_connected_int8"),
    ])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("does not fit input"))
  }

  @Test("every case of the tests passes on the interpreter; the last line counts")
  func conformance() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [
        "conformance", Tool.models.path(), "--json", "out.json", "--junit", "out.xml",
      ], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.output)")
    let last = try #require(outcome.output.split(separator: "\n").last)
    let object = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: scratch.url.appending(path: "out.json"))) as? [String: Any])
    let passed = try #require(object["passed"] as? Int)
    let skipped = try #require(object["skipped"] as? Int)
    #expect(passed >= 20)
    #expect(last == "\(passed) passed, 0 failed, \(skipped) skipped")
    let junit = try String(contentsOf: scratch.url.appending(path: "out.xml"), encoding: .utf8)
    #expect(junit.contains("failures=\"0\""))
  }

  @Test("a case with another output fails, with the place of the largest difference")
  func conformanceFails() throws {
    let scratch = try Scratch()
    let name = "tflite_fully_connected_int8"
    let folder = scratch.url.appending(path: name)
    try FileManager.default.copyItem(at: Tool.models.appending(path: name), to: folder)
    let file = folder.appending(path: "test_data_set_0/output_0.npy")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.endIndex - 1] ^= 0x40
    try bytes.write(to: file)
    let outcome = try Tool.run(["conformance", "."], in: scratch.url)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("1 of "))
    #expect(outcome.output.hasSuffix("0 passed, 1 failed, 0 skipped\n"))
  }

  @Test("a folder without cases is bad input, not a pass")
  func conformanceEmpty() throws {
    let scratch = try Scratch()
    #expect(try Tool.run(["conformance", "."], in: scratch.url).status == 2)
  }

  @Test("integer models agree to the bit at every stage", arguments: ["cpu", "npu"])
  func verifyInteger(target: String) throws {
    let outcome = try Tool.run(
      ["verify", try Tool.model("tflite_conv_int8"), "--target", target, "--json"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    let stages = try #require(object["stages"] as? [[String: Any]])
    #expect(stages.last?["stage"] as? String == "artifact")
    for stage in stages { #expect(stage["limit"] as? String == "exact") }
  }

  @Test("a limit that quantisation cannot keep names stage and node")
  func verifyDiverges() throws {
    let outcome = try Tool.run([
      "verify", try Tool.model("onnx_conv_bn_relu"), "--target", "npu", "--min-sqnr", "90",
    ])
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.output.contains("first in stage 'quantize', at "))
  }

  @Test("text IR written by opt is read back as the same program")
  func opt() throws {
    let scratch = try Scratch()
    let model = try Tool.model("onnx_residual")
    let first = try Tool.run(["opt", model, "-o", "a.eir"], in: scratch.url)
    #expect(first.status == 0, "\(first.errors)")
    let second = try Tool.run(["opt", "a.eir"], in: scratch.url)
    let text = try String(contentsOf: scratch.url.appending(path: "a.eir"), encoding: .utf8)
    #expect(second.output == text)
    let inputs = ["run", "a.eir", "--input", input("onnx_residual"), "--output-dir", "out"]
    #expect(try Tool.run(inputs, in: scratch.url).status == 0)
    let traced = try Tool.run(
      ["opt", "a.eir", "--pass-pipeline", "canonicalize", "--print-ir-after-all", "--timing"],
      in: scratch.url)
    #expect(traced.errors.contains("// IR after 'canonicalize'"))
  }

  @Test(
    "--json is an object with a schema version on every verb",
    arguments: [
      ["inspect", "MODEL"], ["check", "MODEL", "--target", "npu"], ["targets"], ["passes"], ["ops"],
      ["ops", "--format", "onnx"], ["opt", "MODEL"], ["run", "nothing.onnx"],
    ])
  func json(arguments: [String]) throws {
    let model = try Tool.model("tflite_net_int8")
    let outcome = try Tool.run(arguments.map { $0 == "MODEL" ? model : $0 } + ["--json"])
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    #expect(object["schema_version"] as? Int == 1)
  }
}
