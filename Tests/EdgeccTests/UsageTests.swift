import Foundation
import Testing

@Suite("Usage and exit status")
struct UsageTests {
  @Test("the version and the help are results")
  func helpAndVersion() throws {
    let version = try Tool.run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.hasPrefix("edgecc "))
    let verbs = [
      "compile", "check", "run", "conformance", "verify", "compare", "inspect", "opt", "test",
      "diff", "targets",
    ]
    for verb in verbs {
      let help = try Tool.run([verb, "--help"])
      #expect(help.status == 0)
      #expect(help.output.contains("EXAMPLES"), "\(verb)")
      #expect(help.output.contains("USAGE: edgecc \(verb)"), "the help of another verb: \(verb)")
      #expect(help.errors.isEmpty)
    }
  }

  @Test("no arguments are bad usage")
  func noArguments() throws {
    let outcome = try Tool.run([])
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
  }

  @Test(
    "what is misspelt is named, with the nearest name",
    arguments: [
      (["conformnce", "x"], "did you mean 'conformance'?"),
      (["model.onnx", "--targt", "npu"], "did you mean '--target'?"),
      (["run", "model.onnx", "--outpt-dir=x"], "did you mean '--output-dir'?"),
      (["opt", "MODEL", "--pass-pipeline", "canonicalise"], "did you mean 'canonicalize'?"),
      (["MODEL", "--target", "mcv"], "did you mean 'mcu'?"),
      (["MODEL", "--target", "mcu,cor=cortex-m0"], "did you mean 'core'?"),
      (["run", "MODEL", "--input", "imag=x.npy"], "the model has no input 'imag'"),
      (["run", "MODEL", "--shape", "nope=1x2"], "the model has no input 'nope'"),
      (["run", "MODEL", "--dim", "nope=2"], "no symbolic dimension 'nope'"),
      (["ops", "conv2"], "did you mean 'conv2d'?"),
    ])
  func misspelt(arguments: [String], message: String) throws {
    let model = try Tool.model("onnx_gemm")
    let outcome = try Tool.run(arguments.map { $0 == "MODEL" ? model : $0 })
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test("values of enumerations and names of targets have no case")
  func caseInsensitive() throws {
    let model = try Tool.model("onnx_conv_bn_relu")
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [model, "--target", "NPU", "--quantize", "INT8", "-o", "out", "--color", "Never"],
      in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("a model that asks for what is not there has status 1, and every node is named")
  func unsupported() throws {
    let outcome = try Tool.run(["check", try Tool.model("onnx_unsupported"), "--target", "cpu"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("Wobble_1"))
    #expect(outcome.output.contains("Twist_3"))
  }

  @Test("a file that is no model has status 2")
  func noModel() throws {
    let scratch = try Scratch()
    try Data("not a model".utf8).write(to: scratch.url.appending(path: "bad.onnx"))
    for arguments in [["bad.onnx", "--target", "npu"], ["none.onnx", "--target", "npu"]] {
      let outcome = try Tool.run(arguments, in: scratch.url)
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("error:"))
    }
  }

  @Test("models cut short have status 2 and a diagnostic, never a crash", arguments: 0..<12)
  func damaged(seed: Int) throws {
    let name = seed % 2 == 0 ? "onnx_conv_bn_relu" : "tflite_conv_int8"
    let path = try Tool.model(name)
    var bytes = try Data(contentsOf: URL(filePath: path))
    // Cut to a part of the whole: no prefix of these files is a model.
    bytes = bytes.prefix(bytes.count * (seed + 1) / 14)
    let scratch = try Scratch()
    let file = URL(filePath: path).lastPathComponent
    try bytes.write(to: scratch.url.appending(path: file))
    let outcome = try Tool.run([file, "--target", "cpu"], in: scratch.url)
    #expect(outcome.status == 2, "\(outcome.errors)")
    #expect(outcome.errors.contains("error:"))
  }

  @Test("colour comes when asked for, and not otherwise")
  func color() throws {
    let arguments = ["none.onnx", "--target", "npu"]
    #expect(try Tool.run(arguments + ["--color", "always"]).errors.contains("\u{1B}["))
    #expect(!(try Tool.run(arguments).errors.contains("\u{1B}[")))
  }
}
