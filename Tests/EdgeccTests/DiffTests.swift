import Foundation
import Testing

/// `edgecc diff`: what is the same, and what is told of what is not.
@Suite("Semantic diff")
struct DiffTests {
  private struct Result {
    let status: Int32
    let document: [String: Any]

    func list(_ key: String) -> [[String: Any]] { document[key] as? [[String: Any]] ?? [] }
    var lengths: [Int] {
      ["removed", "added", "changed", "weights", "quantization", "interface"].map { list($0).count }
    }
  }

  private func diff(_ arguments: [String], in folder: URL? = nil) throws -> Result {
    let outcome = try Tool.run(["diff"] + arguments + ["--json"], in: folder)
    let document = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any],
      "\(outcome.errors)")
    #expect((document["same"] as? Bool) == (outcome.status == 0))
    return Result(status: outcome.status, document: document)
  }

  /// The diff of two texts.
  private func diff(_ before: String, _ after: String) throws -> Result {
    let scratch = try Scratch()
    for (name, text) in [("a.eir", before), ("b.eir", after)] {
      try Data(text.utf8).write(to: scratch.url.appending(path: name))
    }
    return try diff(["a.eir", "b.eir"], in: scratch.url)
  }

  static let net = """
    module @m {
      constant @w : tensor<2x1x1x2xf32> = dense<[1, 2, 3, 4]>
      constant @v : tensor<2x1x1x2xf32> = dense<[5, 6, 7, 8]>
      func @main(%x: tensor<1x3x3x2xf32>) -> (y: tensor<1x3x3x2xf32>) {
        %0 = conv2d(%x, @w) : tensor<1x3x3x2xf32> loc("Conv_0" : "Conv")
        %1 = clamp(%0) {minimum = 0.0} : tensor<1x3x3x2xf32> loc("Relu_1" : "Relu")
        %2 = conv2d(%1, @v) : tensor<1x3x3x2xf32> loc("Conv_2" : "Conv")
        %3 = clamp(%2) {minimum = 0.0} : tensor<1x3x3x2xf32> loc("Relu_3" : "Relu")
        %4 = sub(%3, %1) : tensor<1x3x3x2xf32> loc("Sub_4" : "Sub")
        return %4
      }
    }
    """

  @Test("a model is the same as itself, and as its text form")
  func identical() throws {
    let model = try Tool.model("onnx_conv_bn_relu")
    #expect(try diff([model, model]).lengths == [0, 0, 0, 0, 0, 0])
    let scratch = try Scratch()
    _ = try Tool.run(["opt", model, "-o", "a.eir"], in: scratch.url)
    let result = try diff([model, "a.eir"], in: scratch.url)
    #expect(result.status == 0)
  }

  @Test("names of nodes are no difference")
  func renamed() throws {
    let after = Self.net.replacing("Conv_", with: "layer_").replacing("Relu_1", with: "first")
    let result = try diff(Self.net, after)
    #expect(result.status == 0)
    #expect(result.list("renamed").count == 3)
    #expect(result.list("renamed")[0]["after"] as? String == "layer_0")
  }

  @Test("one element of a weight")
  func weight() throws {
    let result = try diff(Self.net, Self.net.replacing("[5, 6, 7, 8]", with: "[5, 6, 7.5, 8]"))
    #expect(result.status == 1)
    #expect(result.lengths == [0, 0, 0, 1, 0, 0])
    let change = result.list("weights")[0]
    #expect(change["node"] as? String == "Conv_2")
    #expect(change["name"] as? String == "v")
    #expect(change["changed"] as? Int == 1)
    #expect(change["max_change"] as? Double == 0.5)
    #expect(change["relative"] as? Double == 0.0625)
  }

  @Test("one attribute")
  func attribute() throws {
    let after = Self.net.replacing(
      "clamp(%2) {minimum = 0.0}", with: "clamp(%2) {minimum = 0.0, maximum = 6.0}")
    let result = try diff(Self.net, after)
    #expect(result.lengths == [0, 0, 1, 0, 0, 0])
    let change = result.list("changed")[0]
    #expect(change["node"] as? String == "Relu_3")
    #expect(change["property"] as? String == "maximum")
    #expect(change["after"] as? String == "6.0")
  }

  @Test("an inserted node is one node, though the names behind it count on")
  func inserted() throws {
    var after = Self.net.replacing("Sub_4", with: "Sub_5").replacing("Relu_3", with: "Relu_4")
      .replacing("Conv_2", with: "Conv_3").replacing("conv2d(%1", with: "conv2d(%t")
    after = after.replacing(
      "    %2 = ",
      with: "    %t = tanh(%1) : tensor<1x3x3x2xf32> loc(\"Tanh_2\" : \"Tanh\")\n    %2 = ")
    for (before, after, key) in [(Self.net, after, "added"), (after, Self.net, "removed")] {
      let result = try diff(before, after)
      #expect(result.status == 1)
      #expect(result.lengths.reduce(0, +) == 1)
      #expect(result.list(key).first?["node"] as? String == "Tanh_2")
      #expect(result.document["matched"] as? Int == 5)
    }
  }

  @Test("operands that change places, and an output that another operation makes")
  func rewired() throws {
    let swapped = try diff(Self.net, Self.net.replacing("sub(%3, %1)", with: "sub(%1, %3)"))
    #expect(swapped.lengths == [0, 0, 2, 0, 0, 0])
    #expect(swapped.list("changed")[0]["before"] as? String == "Relu_3")
    #expect(swapped.list("changed")[0]["after"] as? String == "Relu_1")
    let other = try diff(Self.net, Self.net.replacing("return %4", with: "return %3"))
    #expect(other.status == 1)
    #expect(other.list("interface").first?["property"] as? String == "made by")
  }

  @Test("the order of a sum's operands, and how an axis is written, are no difference")
  func spelling() throws {
    func text(_ sum: String, _ axis: Int) -> String {
      """
      module @m {
        constant @b : tensor<3xf32> = dense<[1, 2, 3]>
        func @main(%x: tensor<2x3xf32>) -> (y: tensor<2x3xf32>) {
          %0 = exp(%x) : tensor<2x3xf32>
          %1 = add(%0, @b) : tensor<2x3xf32>
          %2 = tanh(%1) : tensor<2x3xf32>
          %3 = add(\(sum)) : tensor<2x3xf32>
          %4 = softmax(%3) {axis = \(axis)} : tensor<2x3xf32>
          return %4
        }
      }
      """
    }
    let before = text("%2, %0", -1)
    let after = text("%0, %2", 1).replacing("add(%0, @b)", with: "add(@b, %0)")
    #expect(try diff(before, after).status == 0)
    #expect(try diff(before, text("%2, %1", -1)).lengths == [0, 0, 1, 0, 0, 0])
    #expect(try diff(before, text("%2, %0", 0)).lengths == [0, 0, 1, 0, 0, 0])
  }

  @Test("weights within the tolerance are the same")
  func tolerance() throws {
    let scratch = try Scratch()
    for (name, value) in [("a.eir", "8"), ("b.eir", "8.001")] {
      let text = Self.net.replacing("[5, 6, 7, 8]", with: "[5, 6, 7, \(value)]")
      try Data(text.utf8).write(to: scratch.url.appending(path: name))
    }
    let files = ["a.eir", "b.eir", "--tolerance"]
    #expect(try diff(files + ["0.001"], in: scratch.url).status == 0)
    #expect(try diff(files + ["0.0001"], in: scratch.url).status == 1)
  }

  @Test("shapes and names of inputs and outputs")
  func interface() throws {
    let result = try diff(Self.net, Self.net.replacing("-> (y:", with: "-> (z:"))
    #expect(result.lengths == [0, 0, 0, 0, 0, 1])
    #expect(result.list("interface")[0]["after"] as? String == "z: tensor<1x3x3x2xf32>")
  }

  @Test("scales and zero points")
  func drift() throws {
    let before = """
      module @m {
        func @main(%x: tensor<2xf32>) -> (y: tensor<2xf32>) {
          %0 = quantize(%x) : tensor<2xi8, scale=0.5, zp=3>
          %1 = dequantize(%0) : tensor<2xf32>
          return %1
        }
      }
      """
    let result = try diff(before, before.replacing("scale=0.5, zp=3", with: "scale=0.75, zp=-1"))
    #expect(result.lengths == [0, 0, 0, 0, 1, 0])
    #expect(result.list("quantization")[0]["scale_change"] as? Double == 0.5)
  }

  @Test("in a long chain, changes at both ends and a node in the middle are all that is told")
  func chain() throws {
    func chain(_ kinds: [String], _ first: String) -> String {
      var text = "module @m {\n  func @main(%x: tensor<4xf32>) -> (y: tensor<4xf32>) {\n"
      text += "    %0 = clamp(%x) {minimum = \(first)} : tensor<4xf32>\n"
      for (index, kind) in kinds.enumerated() {
        text += "    %\(index + 1) = \(kind)(%\(index)) : tensor<4xf32>"
        text += " loc(\"\(kind)_\(index)\")\n"
      }
      text += "    %e = clamp(%\(kinds.count)) {maximum = \(first)} : tensor<4xf32>\n"
      return text + "    return %e\n  }\n}\n"
    }
    let kinds = (0..<1500).map { ["exp", "negate", "tanh", "negate", "abs"][$0 % 5] }
    var more = kinds
    more.insert("sigmoid", at: 733)
    let result = try diff(chain(kinds, "0.5"), chain(more, "0.75"))
    #expect(result.document["matched"] as? Int == 1502)
    #expect(result.lengths == [0, 1, 2, 0, 0, 0])
    #expect(result.list("added")[0]["operation"] as? String == "sigmoid")
  }

  static let digits = Tool.models.deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "shared/models/digits")

  @Test(
    "a float model and its int8 form: every layer matched, weights within half a step",
    .enabled(if: FileManager.default.fileExists(atPath: digits.path()), "the models are not here"),
    arguments: [
      ("cnn_float.tflite", "cnn_int8.tflite"), ("cnn.onnx", "cnn_int8.tflite"),
      ("cnn.onnx", "cnn_qdq_int8.onnx"),
    ])
  func quantised(before: String, after: String) throws {
    let paths = [before, after].map { Self.digits.appending(path: $0).path() }
    let result = try diff(paths + ["--run"])
    #expect(result.status == 1)
    #expect(result.document["matched"] as? Int == 7)
    #expect(result.list("removed").isEmpty)
    let weights = result.list("weights")
    #expect(weights.count == 12)
    // Symmetric int8 has 127 steps to the largest magnitude; rounding moves by half a step at most.
    for weight in weights {
      let relative = try #require(weight["relative"] as? Double)
      #expect(relative <= 0.5 / 127 + 1e-6, "\(weight)")
    }
    #expect(result.list("quantization").count == 7)
    let fidelity = (result.document["run"] as? [String: Any])?["fidelity"] as? [String: Any]
    let noise = try #require(fidelity?["sqnr_db"] as? Double, "\(result.document["run"] ?? "")")
    #expect(noise > 20)
  }

  @Test("artifacts are compared by how they were made and by their files")
  func artifacts() throws {
    let scratch = try Scratch()
    let model = try Tool.model("onnx_gemm")
    for (folder, options) in [("a", []), ("b", []), ("c", ["--quantize", "int8"])] {
      let made = try Tool.run([model, "-t", "cpu", "-o", folder] + options, in: scratch.url)
      try #require(made.status == 0, "\(made.errors)")
    }
    #expect(try Tool.run(["diff", "a", "b"], in: scratch.url).status == 0)
    let outcome = try Tool.run(["diff", "a", "c", "--json"], in: scratch.url)
    #expect(outcome.status == 1)
    let document = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    let made = try #require(document["made"] as? [[String: Any]])
    let quantise = try #require(made.first { $0["what"] as? String == "quantise" })
    #expect(quantise["before"] as? String == "none" && quantise["after"] as? String == "int8")
    #expect((document["files"] as? [Any])?.isEmpty == false)
  }

  @Test("text ends with a verdict, and cost stands side by side")
  func text() throws {
    let scratch = try Scratch()
    try Data(Self.net.utf8).write(to: scratch.url.appending(path: "a.eir"))
    try Data(Self.net.replacing("[5, 6, 7, 8]", with: "[5, 6, 7, 9]").utf8)
      .write(to: scratch.url.appending(path: "b.eir"))
    let same = try Tool.run(["diff", "a.eir", "a.eir", "--run"], in: scratch.url)
    #expect(same.status == 0)
    #expect(same.output.hasSuffix("same: 5 operations matched\n"))
    #expect(same.output.contains("results on 8 samples of seed 1: the same"))
    let other = try Tool.run(["diff", "a.eir", "b.eir", "--run"], in: scratch.url)
    #expect(other.status == 1)
    let cost = other.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(cost.contains(["MACs", "72", "72"]))
    #expect(other.output.hasSuffix("different: 5 operations matched; 1 with other weights\n"))
    #expect(try Tool.run(["diff", "a.eir", "none.eir"], in: scratch.url).status == 2)
  }
}
