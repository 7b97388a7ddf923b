import IR
import Testing

@testable import Passes

/// What contributes nothing goes first, and its removal changes nothing: by the formulas of the
/// layers, not by what pruning thinks.
@Suite struct PruneExactTests {
  /// Prunes by weights and by samples so little that only what is zero has to go.
  private func check(_ module: Module, ratio: Double, _ expected: [[Int]]) throws {
    let samples = PruneModel.samples(module, 6)
    for options in ["importance=l1,refit=false", "importance=l2,refit=false", "refit=false", "ridge=0.01"] {
      let pipeline = "prune{ratio=\(ratio),\(options)},canonicalize,remove-duplicates"
      let pruned = try PruneModel.run(pipeline, on: module, samples)
      #expect(PruneModel.weights(pruned) == expected, "\(options)")
      #expect(try PruneModel.difference(module, pruned, samples) < 1e-5, "\(options)")
      #expect(pruned.interface.inputs.map(\.type) == module.interface.inputs.map(\.type))
      #expect(pruned.interface.outputs.map(\.type) == module.interface.outputs.map(\.type))
    }
  }

  /// Two residual branches, a depthwise layer and a flattening reader, where channel 2 of all that is
  /// added is zero.
  @Test func residualAndDepthwise() throws {
    var model = PruneModel(
      seed: 1, inputs: "%x: tensor<1x4x4x2xf32>", results: "y: tensor<1x3xf32>")
    model.constant("a", [6, 3, 3, 2], zero: [2])
    model.constant("b", [6, 1, 1, 6], zero: [2])
    model.constant("d", [1, 3, 3, 6])
    model.constant("f", [3, 96])
    model.line("%0 = conv2d(%x, @a) {pad = [1, 1, 1, 1], minimum = 0} : tensor<1x4x4x6xf32>")
    model.line("%1 = conv2d(%0, @b) : tensor<1x4x4x6xf32>")
    model.line("%2 = add(%0, %1) {minimum = 0} : tensor<1x4x4x6xf32>")
    model.line("%3 = depthwise_conv2d(%2, @d) {pad = [1, 1, 1, 1]} : tensor<1x4x4x6xf32>")
    model.line("%4 = reshape(%3) {shape = [1, 96]} : tensor<1x96xf32>")
    model.line("%5 = fully_connected(%4, @f) : tensor<1x3xf32>")
    model.line("return %5")
    try check(
      try model.module(), ratio: 0.05, [[5, 3, 3, 2], [5, 1, 1, 5], [1, 3, 3, 5], [3, 80]])
  }

  /// The values of the second of three heads are zero.
  @Test func attentionHead() throws {
    var model = PruneModel(
      seed: 2, inputs: "%x: tensor<5x6xf32>", results: "y: tensor<5x6xf32>")
    for name in ["q", "k"] { model.constant(name, [6, 6], zero: [2, 3]) }
    model.constant("v", [6, 6], zero: [2, 3])
    model.constant("o", [6, 6])
    for (place, name) in ["q", "k", "v"].enumerated() {
      model.line("%\(place) = fully_connected(%x, @\(name)) : tensor<5x6xf32>")
      model.line("%h\(place) = reshape(%\(place)) {shape = [5, 3, 2]} : tensor<5x3x2xf32>")
    }
    model.line("%a = transpose(%h0) {permutation = [1, 0, 2]} : tensor<3x5x2xf32>")
    model.line("%b = transpose(%h1) {permutation = [1, 2, 0]} : tensor<3x2x5xf32>")
    model.line("%c = transpose(%h2) {permutation = [1, 0, 2]} : tensor<3x5x2xf32>")
    model.line("%s = matmul(%a, %b) : tensor<3x5x5xf32>")
    model.line("%p = softmax(%s) {axis = 2} : tensor<3x5x5xf32>")
    model.line("%m = matmul(%p, %c) : tensor<3x5x2xf32>")
    model.line("%t = transpose(%m) {permutation = [1, 0, 2]} : tensor<5x3x2xf32>")
    model.line("%r = reshape(%t) {shape = [5, 6]} : tensor<5x6xf32>")
    model.line("%y = fully_connected(%r, @o) : tensor<5x6xf32>")
    model.line("return %y")
    try check(try model.module(), ratio: 0.3, [[4, 6], [4, 6], [4, 6], [6, 4]])
  }

  /// Three steps of an LSTM of four units, as imported: the weights of unit 1 are zero in all gates,
  /// so that its cell and output stay zero. The first step's forget gate, which nobody reads, goes
  /// with it; the other steps keep one constant each.
  @Test func recurrentUnit() throws {
    let units = 4
    var model = PruneModel(
      seed: 3, inputs: "%x: tensor<3x1x2xf32>", results: "y: tensor<1x2xf32>")
    let gone = Set((0..<4).map { $0 * units + 1 })
    model.constant("w", [16, 2], zero: gone)
    model.constant("r", [16, 4], zero: gone)
    model.constant("o", [2, 4])
    for step in 0..<3 {
      model.line("%s\(step) = slice(%x) {start = [\(step), 0, 0], size = [1, 1, 2]} : tensor<1x1x2xf32>")
      model.line("%x\(step) = reshape(%s\(step)) {shape = [1, 2]} : tensor<1x2xf32>")
      model.line("%w\(step) = fully_connected(%x\(step), @w) : tensor<1x16xf32>")
      var sum = "%w\(step)"
      if step > 0 {
        model.line("%r\(step) = fully_connected(%h\(step - 1), @r) : tensor<1x16xf32>")
        model.line("%g\(step) = add(\(sum), %r\(step)) : tensor<1x16xf32>")
        sum = "%g\(step)"
      }
      for (gate, name) in ["i", "o", "f", "c"].enumerated() {
        model.line(
          "%\(name)s\(step) = slice(\(sum)) {start = [0, \(gate * units)], size = [1, 4]} : tensor<1x4xf32>")
        let function = name == "c" ? "tanh" : "sigmoid"
        model.line("%\(name)\(step) = \(function)(%\(name)s\(step)) : tensor<1x4xf32>")
      }
      model.line("%n\(step) = mul(%i\(step), %c\(step)) : tensor<1x4xf32>")
      var cell = "%n\(step)"
      if step > 0 {
        model.line("%k\(step) = mul(%f\(step), %cell\(step - 1)) : tensor<1x4xf32>")
        model.line("%cell\(step) = add(%n\(step), %k\(step)) : tensor<1x4xf32>")
        cell = "%cell\(step)"
      } else {
        model.line("%cell0 = add(%n0, %n0) : tensor<1x4xf32>")
        cell = "%cell0"
      }
      model.line("%t\(step) = tanh(\(cell)) : tensor<1x4xf32>")
      model.line("%h\(step) = mul(%o\(step), %t\(step)) : tensor<1x4xf32>")
    }
    model.line("%y = fully_connected(%h2, @o) : tensor<1x2xf32>")
    model.line("return %y")
    let expected = [[9, 2], [12, 2], [12, 3], [12, 2], [12, 3], [2, 3]]
    let module = try model.module()
    try check(module, ratio: 0.2, expected)
    let pruned = try PruneModel.run(
      "prune{ratio=0.2},canonicalize,remove-duplicates", on: module,
      PruneModel.samples(module, 6))
    #expect(pruned.main.graph.constants().filter { pruned.main.graph[$0].shape.rank == 2 }.count == 4)
  }

  /// Channel 1 of both groups of a grouped layer, whose filters are zero.
  @Test func groupedConvolution() throws {
    var model = PruneModel(
      seed: 4, inputs: "%x: tensor<1x4x4x2xf32>", results: "y: tensor<1x4x4x2xf32>")
    model.constant("a", [6, 1, 1, 2])
    model.constant("g", [8, 3, 3, 3], zero: [1, 5])
    model.constant("b", [2, 1, 1, 8])
    model.line("%0 = conv2d(%x, @a) {minimum = 0} : tensor<1x4x4x6xf32>")
    model.line(
      "%1 = conv2d(%0, @g) {pad = [1, 1, 1, 1], groups = 2, minimum = 0} : tensor<1x4x4x8xf32>")
    model.line("%2 = conv2d(%1, @b) : tensor<1x4x4x2xf32>")
    model.line("return %2")
    try check(try model.module(), ratio: 0.1, [[6, 1, 1, 2], [6, 3, 3, 3], [2, 1, 1, 6]])
  }

  /// Parts of a concatenation that go their own ways.
  @Test func concatenationAndParts() throws {
    var model = PruneModel(
      seed: 5, inputs: "%x: tensor<1x3x3x2xf32>", results: "y: tensor<1x3x3x2xf32>")
    model.constant("a", [4, 1, 1, 2], zero: [3])
    model.constant("b", [6, 3, 3, 2], zero: [0])
    model.constant("c", [2, 1, 1, 10])
    model.line("%0 = conv2d(%x, @a) {minimum = 0} : tensor<1x3x3x4xf32>")
    model.line("%1 = conv2d(%x, @b) {pad = [1, 1, 1, 1], minimum = 0} : tensor<1x3x3x6xf32>")
    model.line("%2 = concat(%0, %1) {axis = 3} : tensor<1x3x3x10xf32>")
    model.line("%3 = slice(%2) {start = [0, 0, 0, 0], size = [1, 3, 3, 5]} : tensor<1x3x3x5xf32>")
    model.line("%4 = slice(%2) {start = [0, 0, 0, 5], size = [1, 3, 3, 5]} : tensor<1x3x3x5xf32>")
    model.line("%5 = tanh(%3) : tensor<1x3x3x5xf32>")
    model.line("%6 = concat(%4, %5) {axis = 3} : tensor<1x3x3x10xf32>")
    model.line("%7 = conv2d(%6, @c) : tensor<1x3x3x2xf32>")
    model.line("return %7")
    try check(try model.module(), ratio: 0.17, [[3, 1, 1, 2], [5, 3, 3, 2], [2, 1, 1, 8]])
  }
}
