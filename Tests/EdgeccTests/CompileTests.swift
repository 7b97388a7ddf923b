import Foundation
import Testing

@Suite("compile")
struct CompileTests {
  @Test("every target compiles with no further option", arguments: ["cpu", "mcu", "npu"])
  func noOptions(target: String) throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [try Tool.model("onnx_conv_bn_relu"), "--target", target], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let files = try scratch.files(below: "model-\(target)")
    #expect(files["manifest.json"] != nil)
    #expect(files["model.h"] != nil)
    // What is not asked for is said.
    #expect(outcome.output.contains("no basis for shipping") == (target != "cpu"))
  }

  @Test(
    "two compilations give the same bytes, wherever they run", arguments: ["cpu", "mcu", "npu"])
  func reproducible(target: String) throws {
    let model = try Tool.model("onnx_residual")
    let scratch = try Scratch()
    let copy = scratch.url.appending(path: "model.onnx")
    try FileManager.default.copyItem(atPath: model, toPath: copy.path())
    let first = try Tool.run([model, "--target", target, "-o", "a"], in: scratch.url)
    let second = try Tool.run(
      ["compile", "--target=\(target)", "--output=b", "./model.onnx"], in: scratch.url,
      environment: ["LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo"])
    #expect(first.status == 0, "\(first.errors)")
    #expect(second.status == 0, "\(second.errors)")
    let (a, b) = (try scratch.files(below: "a"), try scratch.files(below: "b"))
    #expect(a.count > 2)
    #expect(a == b)
    for (path, data) in a {
      #expect(data.range(of: Data(scratch.url.path().utf8)) == nil, "\(path) names a folder")
    }
  }

  @Test("the JSON has what the design promises")
  func json() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [try Tool.model("tflite_net_int8"), "--target", "npu", "--json"], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    #expect(object["schema_version"] as? Int == 1)
    #expect(object["model"] as? String == "model.tflite")
    #expect(object["target"] as? String == "npu")
    #expect((object["operations"] as? Int ?? 0) > 0)
    #expect((object["macs"] as? Int ?? 0) > 0)
    let npu = try #require(object["npu"] as? [String: Any])
    for key in ["operations", "cycles", "utilization", "sram_bytes", "offchip_bytes"] {
      #expect(npu[key] != nil, "npu.\(key)")
    }
  }

  @Test("a folder with other files in it is left alone")
  func foreignFolder() throws {
    let scratch = try Scratch()
    let folder = scratch.url.appending(path: "mine")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("keep".utf8).write(to: folder.appending(path: "notes.txt"))
    let model = try Tool.model("onnx_conv_bn_relu")
    let outcome = try Tool.run([model, "--target", "cpu", "-o", "mine"], in: scratch.url)
    #expect(outcome.status == 2)
    #expect(try scratch.files(below: "mine") == ["notes.txt": Data("keep".utf8)])
    // An artifact is replaced as a whole, and nothing is left beside it.
    for _ in 0..<2 {
      #expect(try Tool.run([model, "--target", "cpu", "-o", "own"], in: scratch.url).status == 0)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path())
    #expect(Set(names) == ["mine", "own"])
  }

  @Test("an artifact that was changed is not run")
  func changedArtifact() throws {
    let scratch = try Scratch()
    let model = try Tool.model("tflite_fully_connected_int8")
    #expect(try Tool.run([model, "--target", "cpu", "-o", "out"], in: scratch.url).status == 0)
    let file = scratch.url.appending(path: "out/model.c")
    try (try Data(contentsOf: file) + Data("\n".utf8)).write(to: file)
    let outcome = try Tool.run(["inspect", "out"], in: scratch.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("not as edgecc wrote it"))
  }

  @Test("an open batch is taken as 1 and that is said")
  func openBatch() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [try Tool.model("onnx_symbolic_batch"), "--target", "npu"], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("taken as 1"))
  }

  @Test("without a fallback, what does not fit is a finding")
  func noFallback() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [
        try Tool.model("onnx_conv_bn_relu"), "--target", "npu", "--quantize", "none",
        "--no-fallback",
      ],
      in: scratch.url)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("note: constraint npu-"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path()).isEmpty)
  }
}
