import IR

let generatorOperators: [OperatorEntry] = [
  OperatorEntry("RANK", version: 1, 1) { call, graph in
    let rank = graph.type(of: try graph.operand(0, call)).rank
    return [graph.rewriter.constant(Tensor.from(integers: [rank], .i32, .scalar))]
  },
  OperatorEntry("FILL", version: 5, 2) { call, graph in
    [try graph.broadcast(try graph.operand(1, call), to: try graph.integers(0, call), call)]
  },
  OperatorEntry("BROADCAST_TO", version: 4, 2) { call, graph in
    [try graph.broadcast(try graph.operand(0, call), to: try graph.integers(1, call), call)]
  },
  OperatorEntry("BROADCAST_ARGS", version: 1, 2) { call, graph in
    let (a, b) = (try graph.integers(0, call), try graph.integers(1, call))
    guard let shape = Shape.broadcast([Shape(a), Shape(b)]) else {
      throw Diagnostic.error("BROADCAST_ARGS cannot broadcast \(a) with \(b)")
    }
    let element = try graph.outputType(0, call).element
    return [
      graph.rewriter.constant(
        Tensor.from(integers: shape.dimensions, element, [shape.rank]))
    ]
  },
  OperatorEntry("RANGE", version: 2, 3) { call, graph in
    let operands = try (0..<3).map { try graph.operand($0, call) }
    return [try graph.add(ArithmeticRange(), operands, call)]
  },
  OperatorEntry("ZEROS_LIKE", version: 1, 1) { call, graph in
    let type = graph.type(of: try graph.operand(0, call))
    guard type.element != .string, !type.isQuantized else {
      throw UnsupportedFeature("ZEROS_LIKE of \(type.element.rawValue)")
    }
    return [
      graph.rewriter.constant(Tensor(type, storage: Storage(byteCount: type.byteCount) { _ in }))
    ]
  },
  OperatorEntry("TILE", version: 3, 2) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape
    let counts = try graph.integers(1, call)
    guard counts.count == shape.rank, counts.allSatisfy({ (0...elementLimit).contains($0) }) else {
      throw Diagnostic.error("TILE needs a count for each axis of [\(shape)]")
    }
    let pairs = (0..<shape.rank).flatMap { [1, shape[$0]] }
    let repeated = (0..<shape.rank).flatMap { [counts[$0], shape[$0]] }
    let split = try graph.reshape(x, to: pairs, call)
    let tiled = try graph.broadcast(split, to: repeated, call)
    return [try graph.reshape(tiled, to: (0..<shape.rank).map { counts[$0] * shape[$0] }, call)]
  },
  OperatorEntry("REVERSE_V2", version: 4, 2) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape
    let axes = try graph.axes(1, call, rank: shape.rank)
    let turned = (0..<shape.rank).map { axes.contains($0) && shape[$0] > 0 }
    let slice = Slice(
      start: (0..<shape.rank).map { turned[$0] ? shape[$0] - 1 : 0 }, size: shape.dimensions,
      stride: turned.map { $0 ? -1 : 1 })
    let quantization = graph.type(of: x).quantization
    return [try graph.add(slice, [x], quantization: quantization, call)]
  },
]

extension GraphImporter {
  mutating func broadcast(_ x: Value, to shape: [Int], _ call: OperatorCall) throws -> Value {
    guard Shape(shape.filter { $0 >= 0 }).checkedCount != nil else {
      throw Diagnostic.error("\(call.name) asks for the impossible shape \(shape)")
    }
    if type(of: x).shape.dimensions == shape { return x }
    return try add(BroadcastTo(shape), [x], quantization: type(of: x).quantization, call)
  }
}
