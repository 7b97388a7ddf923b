import IR
import Testing

@testable import Passes

/// Pruning of small networks with groups of all kinds: what comes out is sound, has the interface
/// and as few multiply-accumulates as was asked for.
@Suite struct PruneTests {
  /// A network of random blocks over a map of `channels`.
  private func network(seed: UInt64) throws -> Module {
    var noise = SeededRandom(seed: seed)
    var model = PruneModel(
      seed: seed, inputs: "%x: tensor<1x6x6x3xf32>", results: "y: tensor<1x4xf32>")
    var width = 8
    model.constant("stem", [width, 3, 3, 3])
    model.line(
      "%v0 = conv2d(%x, @stem) {pad = [1, 1, 1, 1], minimum = 0} : tensor<1x6x6x\(width)xf32>")
    let count = noise.int(2...4)
    for block in 1...count {
      width = add(block, width, &noise, &model)
    }
    model.constant("last", [4, 36 * width])
    model.line("%flat = reshape(%v\(count)) {shape = [1, \(36 * width)]} : tensor<1x\(36 * width)xf32>")
    model.line("%y = fully_connected(%flat, @last) : tensor<1x4xf32>")
    model.line("return %y")
    return try model.module()
  }

  /// Adds the block `%v(n)` over `%v(n − 1)`; gives its number of channels.
  private func add(
    _ n: Int, _ width: Int, _ noise: inout SeededRandom, _ model: inout PruneModel
  ) -> Int {
    let type = "tensor<1x6x6x\(width)xf32>"
    let before = "%v\(n - 1)"
    switch noise.int(0...5) {
    case 0:
      model.constant("w\(n)", [width, 1, 1, width])
      model.line("%a\(n) = conv2d(\(before), @w\(n)) : \(type)")
      model.line("%v\(n) = add(\(before), %a\(n)) {minimum = 0} : \(type)")
    case 1:
      model.constant("w\(n)", [1, 3, 3, width])
      model.line("%v\(n) = depthwise_conv2d(\(before), @w\(n)) {pad = [1, 1, 1, 1]} : \(type)")
    case 2:
      model.constant("w\(n)", [8, 1, 1, width])
      model.line("%a\(n) = conv2d(\(before), @w\(n)) {minimum = 0} : tensor<1x6x6x8xf32>")
      let wide = width + 8
      model.line("%v\(n) = concat(\(before), %a\(n)) {axis = 3} : tensor<1x6x6x\(wide)xf32>")
      return wide
    case 3:
      model.constant("w\(n)", [width, 3, 3, width / 2])
      model.line(
        "%v\(n) = conv2d(\(before), @w\(n)) {pad = [1, 1, 1, 1], groups = 2, minimum = 0} : \(type)")
    case 4:
      // Channels weighed by a gate over the whole map.
      model.constant("w\(n)", [width, width])
      model.line("%m\(n) = reduce_mean(\(before)) {axes = [1, 2], keep_dimensions = false} : tensor<1x\(width)xf32>")
      model.line("%g\(n) = fully_connected(%m\(n), @w\(n)) : tensor<1x\(width)xf32>")
      model.line("%s\(n) = sigmoid(%g\(n)) : tensor<1x\(width)xf32>")
      model.line("%b\(n) = reshape(%s\(n)) {shape = [1, 1, 1, \(width)]} : tensor<1x1x1x\(width)xf32>")
      model.line("%v\(n) = mul(\(before), %b\(n)) : \(type)")
    default:
      let half = width / 2
      let part = "tensor<1x6x6x\(half)xf32>"
      for (name, start) in [("a", 0), ("b", half)] {
        model.line(
          "%\(name)\(n) = slice(\(before)) {start = [0, 0, 0, \(start)], size = [1, 6, 6, \(half)]} : \(part)")
      }
      model.line("%s\(n) = sigmoid(%a\(n)) : \(part)")
      model.line("%v\(n) = mul(%s\(n), %b\(n)) : \(part)")
      return half
    }
    return width
  }

  @Test(arguments: 1...12)
  func randomNetworks(seed: Int) throws {
    let module = try network(seed: UInt64(seed))
    let samples = PruneModel.samples(module, 4)
    let whole = PruneModel.macs(module)
    let options = [
      "", ",importance=l1,refit=false", ",importance=activation", ",importance=batch-norm",
      ",scope=layer", ",multiple=2",
    ]
    let extra = options[seed % options.count]
    for ratio in [0.1, 0.5] {
      // Verified after every pass.
      let (pruned, warnings) = try PruneModel.report(
        "prune{ratio=\(ratio)\(extra)},canonicalize", on: module, samples)
      #expect(pruned.interface.inputs.map(\.type) == module.interface.inputs.map(\.type))
      #expect(pruned.interface.outputs.map(\.type) == module.interface.outputs.map(\.type))
      let left = Double(PruneModel.macs(pruned)) / Double(whole)
      // Where groups hold each other less goes, which is said.
      let isHeld = warnings.contains { $0.contains("hold each other") }
      #expect(left <= 1 - ratio + 0.03 || isHeld, "\(ratio)\(extra)")
      let printed = Printer.print(pruned)
      #expect(Printer.print(try Parser.parse(printed, PruneModel.registry)) == printed)
      _ = try Interpreter(pruned.main).run(samples[0])
    }
  }

  /// Where half of the channels are the other half once more, least squares finds weights without
  /// them that compute the same.
  @Test func theFitMakesUpForCopies() throws {
    let half = "[0.5, -1, 0.25, 2, 1, -0.5, 0.75, 1.5]"
    let text = """
      module @m {
        constant @a : tensor<4x2xf32> = dense<[0.5, -1, 0.25, 2, 0.5, -1, 0.25, 2]>
        constant @b : tensor<2x4xf32> = dense<\(half)>
        func @main(%x: tensor<1x2xf32>) -> (y: tensor<1x2xf32>) {
          %0 = fully_connected(%x, @a) {minimum = 0} : tensor<1x4xf32>
          %1 = fully_connected(%0, @b) : tensor<1x2xf32>
          return %1
        }
      }
      """
    let module = try Parser.parse(text, PruneModel.registry)
    let samples = PruneModel.samples(module, 64)
    let pruned = try PruneModel.run("prune{ratio=0.5,ridge=0.0000001}", on: module, samples)
    #expect(PruneModel.weights(pruned) == [[2, 2], [2, 2]])
    #expect(try PruneModel.difference(module, pruned, samples) < 1e-3)
    let plain = try PruneModel.run("prune{ratio=0.5,refit=false}", on: module, samples)
    #expect(try PruneModel.difference(module, plain, samples) > 0.1)
  }

  /// A branch that loses nothing keeps its weights to the bit.
  @Test func untouchedBranchesStay() throws {
    var model = PruneModel(
      seed: 11, inputs: "%x: tensor<1x4xf32>", results: "y: tensor<1x2xf32>, z: tensor<1x3xf32>")
    model.constant("a", [16, 4])
    model.constant("b", [2, 16])
    model.constant("c", [3, 4])
    model.line("%0 = fully_connected(%x, @a) {minimum = 0} : tensor<1x16xf32>")
    model.line("%1 = fully_connected(%0, @b) : tensor<1x2xf32>")
    model.line("%2 = fully_connected(%x, @c) : tensor<1x3xf32>")
    model.line("return %1, %2")
    let module = try model.module()
    let pruned = try PruneModel.run("prune{ratio=0.4}", on: module, PruneModel.samples(module, 8))
    func weights(_ module: Module, _ shape: Shape) -> Tensor? {
      let graph = module.main.graph
      return graph.constants().compactMap { graph.constant($0) }.first { $0.shape == shape }
    }
    #expect(weights(pruned, [3, 4]) == weights(module, [3, 4]))
    #expect(PruneModel.weights(pruned)[0][0] < 16)
  }

  /// Layers keep multiples, and no less is saved for it.
  @Test func multiples() throws {
    var model = PruneModel(
      seed: 12, inputs: "%x: tensor<1x8xf32>", results: "y: tensor<1x4xf32>")
    model.constant("a", [64, 8])
    model.constant("b", [48, 64])
    model.constant("c", [4, 48])
    model.line("%0 = fully_connected(%x, @a) {minimum = 0} : tensor<1x64xf32>")
    model.line("%1 = fully_connected(%0, @b) {minimum = 0} : tensor<1x48xf32>")
    model.line("%2 = fully_connected(%1, @c) : tensor<1x4xf32>")
    model.line("return %2")
    let module = try model.module()
    let samples = PruneModel.samples(module, 32)
    let pruned = try PruneModel.run("prune{ratio=0.6,multiple=8}", on: module, samples)
    #expect(PruneModel.weights(pruned).dropLast().allSatisfy { $0[0] % 8 == 0 })
    let left = Double(PruneModel.macs(pruned)) / Double(PruneModel.macs(module))
    #expect(left < 0.42, "\(PruneModel.weights(pruned))")
    // Every layer loses the same part.
    let even = try PruneModel.run("prune{ratio=0.5,scope=layer}", on: module, samples)
    let widths = PruneModel.weights(even).dropLast().map { $0[0] }
    #expect(abs(Double(widths[0]) / 64 - Double(widths[1]) / 48) < 0.05, "\(widths)")
  }

  @Test func samplesAreNeeded() throws {
    let module = try network(seed: 1)
    for options in ["", ",importance=l2", ",importance=activation,refit=false"] {
      let error = #expect(throws: Diagnostic.self) {
        _ = try PruneModel.run("prune{ratio=0.3\(options)}", on: module)
      }
      #expect(error?.help.contains { $0.contains("--calibration") } == true)
    }
  }
}
