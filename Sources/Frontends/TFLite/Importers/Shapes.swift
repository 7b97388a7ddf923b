import IR

let shapeOperators: [OperatorEntry] = [
  OperatorEntry("RESHAPE", version: 1, 1...2) { call, graph in
    let x = try graph.operand(0, call)
    // Old files have the shape in the options only; a single 0 there or here means a scalar.
    var shape = call.options.ints("new_shape") ?? []
    if try graph.optionalOperand(1, call) != nil { shape = try graph.integers(1, call) }
    if shape == [0], graph.type(of: x).shape.count == 1 { shape = [] }
    return [try graph.reshape(x, to: shape, call)]
  },
  OperatorEntry("SQUEEZE", version: 2, 1) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape
    let asked = try (call.options.ints("squeeze_dims") ?? [])
      .map { try graph.axis($0, rank: shape.rank, call) }
    let dropped = asked.isEmpty ? (0..<shape.rank).filter { shape[$0] == 1 } : asked
    guard dropped.allSatisfy({ shape[$0] == 1 }) else {
      throw Diagnostic.error("SQUEEZE cannot drop axes \(dropped) of [\(shape)]")
    }
    let kept = (0..<shape.rank).filter { !dropped.contains($0) }.map { shape[$0] }
    return [try graph.reshape(x, to: kept, call)]
  },
  OperatorEntry("EXPAND_DIMS", version: 1, 2) { call, graph in
    let x = try graph.operand(0, call)
    var shape = graph.type(of: x).shape.dimensions
    guard let axis = try graph.axes(1, call, rank: shape.count + 1).first else {
      throw Diagnostic.error("EXPAND_DIMS lacks its axis")
    }
    shape.insert(1, at: axis)
    return [try graph.reshape(x, to: shape, call)]
  },
  OperatorEntry("TRANSPOSE", version: 8, 2) { call, graph in
    let x = try graph.operand(0, call)
    let order = try graph.axes(1, call, rank: graph.type(of: x).rank)
    return [try graph.add(Transpose(order), [x], call)]
  },
  OperatorEntry("SHAPE", version: 1, 1) { call, graph in
    let dimensions = graph.type(of: try graph.operand(0, call)).shape.dimensions
    let element = try graph.outputType(0, call).element
    guard [.i32, .i64].contains(element) else {
      throw Diagnostic.error("SHAPE gives i32 or i64, not \(element.rawValue)")
    }
    let tensor = Tensor.from(integers: dimensions, element, [dimensions.count])
    return [graph.rewriter.constant(tensor, name: call.place)]
  },
  OperatorEntry("DEPTH_TO_SPACE", version: 2, 1) { call, graph in
    let x = try graph.operand(0, call)
    let (shape, block) = (graph.type(of: x).shape, call.options.int("block_size"))
    guard shape.rank == 4, block > 0, block <= 1 << 15, shape[3] % (block * block) == 0 else {
      throw Diagnostic.error("DEPTH_TO_SPACE cannot split [\(shape)] by \(block)")
    }
    let depth = shape[3] / (block * block)
    let split = try graph.reshape(x, to: [shape[0], shape[1], shape[2], block, block, depth], call)
    let mixed = try graph.permute(split, [0, 1, 3, 2, 4, 5], call)
    return [
      try graph.reshape(mixed, to: [shape[0], shape[1] * block, shape[2] * block, depth], call)
    ]
  },
  OperatorEntry("SPACE_TO_DEPTH", version: 2, 1) { call, graph in
    let x = try graph.operand(0, call)
    let (shape, block) = (graph.type(of: x).shape, call.options.int("block_size"))
    guard shape.rank == 4, block > 0, block <= 1 << 15, shape[1] % block == 0,
      shape[2] % block == 0
    else { throw Diagnostic.error("SPACE_TO_DEPTH cannot gather [\(shape)] by \(block)") }
    let (rows, columns) = (shape[1] / block, shape[2] / block)
    let split = try graph.reshape(x, to: [shape[0], rows, block, columns, block, shape[3]], call)
    let mixed = try graph.permute(split, [0, 1, 3, 2, 4, 5], call)
    return [try graph.reshape(mixed, to: [shape[0], rows, columns, block * block * shape[3]], call)]
  },
]

extension GraphImporter {
  mutating func permute(_ x: Value, _ order: [Int], _ call: OperatorCall) throws -> Value {
    try add(Transpose(order), [x], quantization: type(of: x).quantization, call)
  }
}
