import IR

/// A family of graphs of any size.
struct GraphKind: Sendable {
  let name: String
  /// Adds about `count` operations behind `x`, an image, and returns the result.
  let build: @Sendable (_ rewriter: inout Rewriter, _ x: Value, _ count: Int) throws -> Value

  /// The graph of about `count` operations.
  func module(_ count: Int) throws -> Module {
    var rewriter = Rewriter()
    let x = rewriter.addArgument(TensorType(.f32, [1, 4, 4, 8]), name: "x")
    let y = try build(&rewriter, x, count)
    rewriter.setResults([(name: "y", value: y)])
    let graph = rewriter.finish()
    return Module(name: name, functions: [Function(name: Module.mainName, graph: graph)])
  }
}

/// What differs from place to place, so that nothing is a duplicate by chance.
private func tensor(_ shape: Shape, _ seed: Int) -> Tensor {
  let values = (0..<shape.count).map { Float(($0 + seed) &* 7919 % 253 + 1) / 512 }
  return Tensor(shape, values)
}

private func name(_ index: Int) -> Location { Location(name: "n\(index)") }

let kinds: [GraphKind] = [
  // One operation behind another: nothing to do but to look.
  GraphKind(name: "chain") { rewriter, x, count in
    var value = x
    for index in 0..<count {
      let operation: any Operation = index % 2 == 0 ? Sigmoid() : Sine()
      value = try rewriter.insertOne(operation, [value], at: name(index))
    }
    return value
  },
  // Convolution, batch normalisation, activation: all fold into one.
  GraphKind(name: "layers") { rewriter, x, count in
    var value = x
    for index in stride(from: 0, to: count, by: 3) {
      let weights = rewriter.constant(tensor([8, 1, 1, 8], index))
      let convolved = try rewriter.insertOne(Conv2D(), [value, weights], at: name(index))
      let parameters = (0..<4).map { rewriter.constant(tensor([8], index + $0)) }
      let normal = try rewriter.insertOne(
        BatchNorm(), [convolved] + parameters, at: name(index + 1))
      var relu = Clamp()
      relu.minimum = 0
      value = try rewriter.insertOne(relu, [normal], at: name(index + 2))
    }
    return value
  },
  // One value with as many users as there are operations.
  GraphKind(name: "wide") { rewriter, x, count in
    var parts: [Value] = []
    for index in 0..<max(count - 1, 1) {
      var clamp = Clamp()
      clamp.minimum = -Float(index)
      parts.append(try rewriter.insertOne(clamp, [x], at: name(index)))
    }
    return try rewriter.insertOne(Concat(axis: 3), parts, at: name(count))
  },
  // Blocks whose input is added to their output.
  GraphKind(name: "residual") { rewriter, x, count in
    var value = x
    for index in stride(from: 0, to: count, by: 3) {
      let weights = rewriter.constant(tensor([8, 1, 1, 8], index))
      let convolved = try rewriter.insertOne(Conv2D(), [value, weights], at: name(index))
      let curved = try rewriter.insertOne(Tanh(), [convolved], at: name(index + 1))
      value = try rewriter.insertOne(Add(), [value, curved], at: name(index + 2))
    }
    return value
  },
  // Every operation four times.
  GraphKind(name: "duplicates") { rewriter, x, count in
    var value = x
    for index in stride(from: 0, to: count, by: 8) {
      var sums: [Value] = []
      for copy in 0..<4 {
        sums.append(try rewriter.insertOne(Tanh(), [value], at: name(index + copy)))
      }
      let first = try rewriter.insertOne(Maximum(), [sums[0], sums[1]], at: name(index + 4))
      let second = try rewriter.insertOne(Maximum(), [sums[2], sums[3]], at: name(index + 5))
      let both = try rewriter.insertOne(Multiply(), [first, second], at: name(index + 6))
      value = try rewriter.insertOne(Sine(), [both], at: name(index + 7))
    }
    return value
  },
  // Half of the operations compute constants.
  GraphKind(name: "constants") { rewriter, x, count in
    var value = x
    for index in stride(from: 0, to: count, by: 4) {
      let a = rewriter.constant(tensor([8], index))
      let negated = try rewriter.insertOne(Negate(), [a], at: name(index))
      let factor = try rewriter.insertOne(Exponential(), [negated], at: name(index + 1))
      let scaled = try rewriter.insertOne(Multiply(), [value, factor], at: name(index + 2))
      value = try rewriter.insertOne(Tanh(), [scaled], at: name(index + 3))
    }
    return value
  },
  // An NCHW model: every layer between two transposes.
  GraphKind(name: "transposes") { rewriter, x, count in
    var value = try rewriter.insertOne(Transpose([0, 3, 1, 2]), [x], at: name(0))
    for index in stride(from: 0, to: count, by: 4) {
      let image = try rewriter.insertOne(Transpose([0, 2, 3, 1]), [value], at: name(index))
      let weights = rewriter.constant(tensor([8, 1, 1, 8], index))
      let convolved = try rewriter.insertOne(Conv2D(), [image, weights], at: name(index + 1))
      let back = try rewriter.insertOne(Transpose([0, 3, 1, 2]), [convolved], at: name(index + 2))
      value = try rewriter.insertOne(Sigmoid(), [back], at: name(index + 3))
    }
    return value
  },
  // Parts cut off and joined again, padded and cropped, reshaped there and back.
  GraphKind(name: "movement") { rewriter, x, count in
    var value = x
    for index in stride(from: 0, to: count, by: 6) {
      let left = Slice(start: [0, 0, 0, 0], size: [1, 4, 4, 3])
      let right = Slice(start: [0, 0, 0, 3], size: [1, 4, 4, 5])
      let a = try rewriter.insertOne(left, [value], at: name(index))
      let b = try rewriter.insertOne(right, [value], at: name(index + 1))
      let joined = try rewriter.insertOne(Concat(axis: 3), [a, b], at: name(index + 2))
      let flat = try rewriter.insertOne(Reshape(to: [128]), [joined], at: name(index + 3))
      let curved = try rewriter.insertOne(Sigmoid(), [flat], at: name(index + 4))
      value = try rewriter.insertOne(Reshape(to: [1, 4, 4, 8]), [curved], at: name(index + 5))
    }
    return value
  },
]
