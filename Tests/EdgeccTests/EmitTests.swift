import Foundation
import Testing

@Suite("writing models as ONNX and TFLite")
struct EmitTests {
  @Test("the file's name or --emit says the format")
  func formats() throws {
    let scratch = try Scratch()
    let model = try Tool.model("onnx_conv_bn_relu")
    for arguments in [["-o", "a.onnx"], ["--emit", "onnx", "-o", "b"], ["-o", "c.eir"]] {
      let outcome = try Tool.run(
        ["opt", model, "--pass-pipeline", "default"] + arguments, in: scratch.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let files = try scratch.files(below: ".")
    #expect(files["a.onnx"] != nil && files["a.onnx"] == files["b"])
    #expect(files["c.eir"]?.starts(with: Data("module".utf8)) == true)
    let again = try Tool.run(["inspect", "a.onnx", "--json"], in: scratch.url)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("edgecc"))
  }

  @Test("a name that ends in .tflite says the format, too")
  func tflite() throws {
    let scratch = try Scratch()
    let model = try Tool.model("onnx_conv_bn_relu")
    for arguments in [["-o", "a.tflite"], ["--emit", "tflite", "-o", "b"]] {
      let outcome = try Tool.run(
        ["opt", model, "--pass-pipeline", "default"] + arguments, in: scratch.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let files = try scratch.files(below: ".")
    #expect(files["a.tflite"] != nil && files["a.tflite"] == files["b"])
    let again = try Tool.run(["inspect", "a.tflite", "--json"], in: scratch.url)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("edgecc"))
    let stage = try Tool.run(
      [model, "--target", "cpu", "--compile-to", "optimize", "--emit", "tflite"], in: scratch.url)
    #expect(stage.status == 0, "\(stage.errors)")
    #expect(try scratch.files(below: ".")["model.optimize.tflite"] != nil)
    let nowhere = try Tool.run(["opt", model, "--emit", "tflite"], in: scratch.url)
    #expect(nowhere.status == 2 && nowhere.errors.contains("-o model.tflite"))
  }

  @Test("what TFLite cannot say is named, and no file is left")
  func tfliteRefusal() throws {
    let scratch = try Scratch()
    let text = """
      module @m {
        func @main(%x: tensor<2x2xf32>) -> (y: tensor<2x2xf32>) {
          %0 = matrix_inverse(%x) : tensor<2x2xf32> loc("first" : "Inverse")
          return %0
        }
      }
      """
    try text.write(
      to: scratch.url.appendingPathComponent("m.eir"), atomically: true, encoding: .utf8)
    let outcome = try Tool.run(["opt", "m.eir", "-o", "a.tflite"], in: scratch.url)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("first: error: 'matrix_inverse' cannot be written to TFLite"))
    #expect(try scratch.files(below: ".").keys.sorted() == ["m.eir"])
  }

  @Test("compilation stops and writes ONNX")
  func compilation() throws {
    let scratch = try Scratch()
    let outcome = try Tool.run(
      [
        try Tool.model("onnx_conv_bn_relu"), "--target", "cpu", "--compile-to", "optimize", "--emit",
        "onnx",
      ], in: scratch.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try scratch.files(below: ".")["model.optimize.onnx"] != nil)
  }

  /// ONNX computes in one type: without a conversion, no runtime takes the layer.
  @Test("weights in halves are converted to what the layer computes in")
  func halves() throws {
    let scratch = try Scratch()
    let written = try Tool.run(
      [
        try Tool.model("onnx_conv_bn_relu"), "--target", "cpu", "--quantize", "float16",
        "--compile-to", "quantize", "-o", "half.onnx",
      ], in: scratch.url)
    #expect(written.status == 0, "\(written.errors)")
    let file = try scratch.files(below: ".")["half.onnx"] ?? Data()
    #expect(file.range(of: Data("Cast".utf8)) != nil)
    let read = try Tool.run(["inspect", "half.onnx"], in: scratch.url)
    #expect(read.status == 0, "\(read.errors)")
  }

  @Test("what cannot be written is named, and no file is left")
  func refusal() throws {
    let scratch = try Scratch()
    let model = try Tool.model("runtime_loop")
    let outcome = try Tool.run(["opt", model, "-o", "a.onnx"], in: scratch.url)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("'while' cannot be written to ONNX"))
    #expect(try scratch.files(below: ".").isEmpty)
  }

  @Test("a binary format needs a file")
  func usage() throws {
    let outcome = try Tool.run(["opt", try Tool.model("onnx_gemm"), "--emit", "onnx"])
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("-o model.onnx"))
  }
}
