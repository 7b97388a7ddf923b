import Foundation
import Testing

@Suite("plugins: the examples")
struct PluginExampleTests {
  @Test("each is built from outside the package, loaded and listed with what it adds")
  func list() throws {
    var arguments = ["plugin", "list", "--json"]
    for name in PluginBench.names { arguments += ["--load-plugin", try PluginBench.library(name)] }
    let outcome = try Tool.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    let plugins = try #require(object["plugins"] as? [[String: Any]])
    var added: [String: [String]] = [:]
    for plugin in plugins {
      let name = try #require(plugin["name"] as? String)
      let items = try #require(plugin["adds"] as? [[String: String]])
      added[name] = items.map { "\($0["kind"] ?? "") \($0["name"] ?? "")" }
      #expect((plugin["sha256"] as? String)?.count == 64)
    }
    #expect(
      added == [
        "fold-negate-pair": ["pass fold-negate-pair"],
        "drop-repeated-clamp": ["pass drop-repeated-clamp"],
        "scaled-swish": [
          "operation scaled_swish", "operator onnx:com.example:ScaledSwish",
          "operator tflite:ScaledSwish",
        ],
        "soft-shrink": ["operation soft_shrink", "operator onnx:com.example:SoftShrink"],
        "tape-machine": ["target tape-machine"],
      ])
  }

  @Test("listings name the plugin")
  func listings() throws {
    let cases = [
      ("passes", "fold-negate-pair"), ("ops", "scaled-swish"), ("targets", "tape-machine"),
    ]
    for (verb, plugin) in cases {
      let library = try PluginBench.library(plugin)
      let outcome = try Tool.run([verb, "--json", "--load-plugin=\(library)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("\"plugin\": \"\(plugin)\""))
      let plain = try Tool.run([verb], environment: ["EDGECC_LOAD_PLUGINS": library])
      #expect(plain.output.contains(plugin), "\(plain.output)")
    }
  }

  @Test("a pass in Swift")
  func swiftPass() throws {
    let outcome = try Tool.run([
      "opt", PluginBench.example("fold-negate-pair", "example.eir"), "--pass-pipeline",
      "fold-negate-pair", "--load-plugin", try PluginBench.library("fold-negate-pair"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("return %x"))
    #expect(!outcome.output.contains("negate"))
  }

  @Test("a pass in C, its option, and what it reports")
  func cPass() throws {
    let arguments = [
      "opt", PluginBench.example("drop-repeated-clamp", "example.eir"), "--load-plugin",
      try PluginBench.library("drop-repeated-clamp"), "--pass-pipeline",
    ]
    let all = try Tool.run(arguments + ["drop-repeated-clamp"])
    #expect(all.status == 0, "\(all.errors)")
    #expect(!all.output.contains("loc(\"relu\")"))
    #expect(all.output.contains("%1 = clamp(%0) {minimum = 1.0}"), "\(all.output)")
    #expect(all.errors.contains("plugin 'drop-repeated-clamp': kept: its bounds are tighter"))
    let none = try Tool.run(arguments + ["drop-repeated-clamp{limit=0}"])
    #expect(none.output.contains("loc(\"relu\")"))
    let wrong = try Tool.run(arguments + ["drop-repeated-clamp{limit=many}"])
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("'limit'"), "\(wrong.errors)")
  }

  @Test(
    "an operator from a custom ONNX domain and a custom TFLite one give what numpy gives",
    arguments: ["interpreter", "cpu"], ["case", "tflite-case"])
  func customOperator(target: String, folder: String) throws {
    let outcome = try Tool.run([
      "conformance", PluginBench.example("scaled-swish", folder), "--target", target,
      "--load-plugin", try PluginBench.library("scaled-swish"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("1 passed, 0 failed, 0 skipped"), "\(outcome.output)")
  }

  @Test("without the plugin, the diagnostic names the remedy")
  func unknownOperator() throws {
    let outcome = try Tool.run(["inspect", PluginBench.example("scaled-swish", "case/model.onnx")])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("'ScaledSwish' (domain com.example, opset 1)"))
    #expect(outcome.errors.contains("--load-plugin"), "\(outcome.errors)")
    let lite = try Tool.run([
      "inspect", PluginBench.example("scaled-swish", "tflite-case/model.tflite"),
    ])
    #expect(lite.status == 1)
    #expect(lite.errors.contains("CUSTOM ScaledSwish"), "\(lite.errors)")
    #expect(lite.errors.contains("--load-plugin"), "\(lite.errors)")
    let text = try Tool.run(["opt", PluginBench.example("soft-shrink", "example.eir")])
    #expect(text.status == 2)
    #expect(text.errors.contains("--load-plugin"), "\(text.errors)")
  }

  @Test("an operation in C computes its formula", arguments: ["interpreter", "cpu"])
  func cOperation(target: String) throws {
    let scratch = try Scratch()
    let x: [Float] = [-1, -0.25, 0.125, 0.25, 0.5, 3]
    try ArrayFile.write(x, shape: [2, 3], to: scratch.url.appending(path: "x.npy"))
    let outcome = try Tool.run(
      [
        "run", PluginBench.example("soft-shrink", "example.eir"), "--target", target, "--input",
        "x=x.npy", "--output-dir", "out", "--load-plugin", try PluginBench.library("soft-shrink"),
      ], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let y = try ArrayFile.read(scratch.url.appending(path: "out/y.npy"))
    // lambda is 0.25; all of these numbers are exact.
    #expect(y == [-0.75, 0, 0, 0, 0.25, 2.75])
  }

  @Test("the microcontroller's C has the plugin's, and the NPU's host code, too")
  func otherTargets() throws {
    let scratch = try Scratch()
    for (target, path) in [("mcu", "kernels/soft_shrink.h"), ("npu", "kernels/soft_shrink.h")] {
      let outcome = try Tool.run(
        [
          PluginBench.example("soft-shrink", "example.eir"), "--target", target, "--quantize",
          "none", "-o", target, "--load-plugin", try PluginBench.library("soft-shrink"),
        ], in: scratch.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let files = try scratch.files(below: target)
      #expect(files.keys.contains { $0.hasSuffix(path) }, "\(files.keys.sorted())")
    }
  }

  @Test("a plugin's operation survives text")
  func roundTrip() throws {
    let scratch = try Scratch()
    let library = try PluginBench.library("scaled-swish")
    let model = PluginBench.example("scaled-swish", "case/model.onnx")
    for (file, output) in [(model, "a.eir"), ("a.eir", "b.eir")] {
      let outcome = try Tool.run(
        ["opt", file, "-o", output, "--load-plugin", library], in: scratch.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let first = try String(contentsOf: scratch.url.appending(path: "a.eir"), encoding: .utf8)
    #expect(first.contains("scaled_swish(") && first.contains("{alpha = 1.5}"), "\(first)")
    let second = try String(contentsOf: scratch.url.appending(path: "b.eir"), encoding: .utf8)
    #expect(first == second)
  }

  @Test("a backend: support check, artifact, run, and the plugin's digest in the manifest")
  func backend() throws {
    let scratch = try Scratch()
    let library = try PluginBench.library("tape-machine")
    let model = PluginBench.example("tape-machine", "example.eir")
    let loading = ["--load-plugin", library]
    let verified = try Tool.run(["verify", model, "--target", "tape-machine"] + loading)
    #expect(verified.status == 0, "\(verified.errors)")
    let unfit = PluginBench.example("drop-repeated-clamp", "example.eir")
    let refused = try Tool.run(["check", unfit, "--target", "tape-machine"] + loading)
    #expect(refused.status == 1)
    #expect((refused.output + refused.errors).contains("tape-operation"))

    let compiled = try Tool.run(
      [model, "--target", "tape-machine", "-o", "out"] + loading, in: scratch.url)
    #expect(compiled.status == 0, "\(compiled.errors)")
    let manifest = try JSONSerialization.jsonObject(
      with: try Data(contentsOf: scratch.url.appending(path: "out/manifest.json")))
    let plugins = (manifest as? [String: Any])?["plugins"] as? [[String: String]]
    #expect(plugins?.first?["name"] == "tape-machine")
    #expect(plugins?.first?["version"] == "1.0.0")
    #expect(plugins?.first?["sha256"]?.count == 64)

    let inspected = try Tool.run(["inspect", "out"], in: scratch.url)
    #expect(inspected.output.contains("tape-machine 1.0.0, "), "\(inspected.output)")

    try ArrayFile.write([1, -2, 3, 4], shape: [4], to: scratch.url.appending(path: "x.npy"))
    try ArrayFile.write([2, 3, -1, 0.5], shape: [4], to: scratch.url.appending(path: "y.npy"))
    let run = ["run", "out", "--input", "x=x.npy", "--input", "y=y.npy", "--output-dir", "r"]
    let ran = try Tool.run(run + loading, in: scratch.url)
    #expect(ran.status == 0, "\(ran.errors)")
    // −max(x · y, x)
    let z = try ArrayFile.read(scratch.url.appending(path: "r/z.npy"))
    #expect(z == [-2, 2, -3, -4])
    let without = try Tool.run(run, in: scratch.url)
    #expect(without.status == 2)
    #expect(without.errors.contains("made with plugin 'tape-machine' 1.0.0"), "\(without.errors)")
  }

  @Test("the conformance kit passes every example", arguments: PluginBench.names)
  func kit(name: String) throws {
    let library = try PluginBench.library(name)
    var arguments = ["test-plugin", library]
    if name.contains("-pair") || name.contains("-clamp") {
      arguments += ["--model", PluginBench.example(name, "example.eir")]
    }
    let outcome = try Tool.run(arguments)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(" 0 failed") && !outcome.output.contains("changed none"))
  }

  @Test(
    "'plugin new' writes plugins that build, load and have the new name",
    arguments: [
      ["--kind", "pass"], ["--kind", "pass", "--language", "c"], ["--kind", "operation"],
      ["--kind", "operation", "--language", "c"], ["--kind", "backend"],
    ])
  func templates(options: [String]) throws {
    let scratch = try Scratch()
    let made = try Tool.run(["plugin", "new", "my-own"] + options, in: scratch.url)
    #expect(made.status == 0, "\(made.errors)")
    try PluginBench.build(
      scratch.url.appending(path: "my-own"), to: scratch.url.appending(path: "libmy.so"))
    let listed = try Tool.run(["plugin", "list", "--load-plugin", "libmy.so"], in: scratch.url)
    #expect(listed.status == 0, "\(listed.errors)")
    #expect(listed.output.contains("my-own  1.0.0"), "\(listed.output)")
    for (path, data) in try scratch.files(below: "my-own") {
      let text = String(decoding: data, as: UTF8.self).lowercased()
      for name in PluginBench.names {
        let words = name.replacing("-", with: "")
        let plain = text.replacing("-", with: "").replacing("_", with: "")
        #expect(!plain.contains(words), "\(path) speaks of \(name)")
      }
    }
    let again = try Tool.run(["plugin", "new", "my-own"] + options, in: scratch.url)
    #expect(again.status == 2)
  }
}
