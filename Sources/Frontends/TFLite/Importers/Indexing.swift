import IR

let indexingOperators: [OperatorEntry] = [
  argument("ARG_MAX", version: 3) { axis in
    var operation = ArgMax()
    (operation.axis, operation.keepDimension) = (axis, false)
    return operation
  },
  argument("ARG_MIN", version: 3) { axis in
    var operation = ArgMin()
    (operation.axis, operation.keepDimension) = (axis, false)
    return operation
  },
  OperatorEntry("CUMSUM", version: 1, 2) { call, graph in
    let x = try graph.operand(0, call)
    var operation = CumulativeSum()
    guard let axis = try graph.axes(1, call, rank: graph.type(of: x).rank).first else {
      throw Diagnostic.error("CUMSUM lacks its axis")
    }
    operation.axis = axis
    operation.isExclusive = call.options.bool("exclusive")
    operation.isReversed = call.options.bool("reverse")
    return [try graph.add(operation, [x], call)]
  },
  OperatorEntry("GATHER_ND", version: 6, 2) { call, graph in
    [try graph.add(GatherND(), [try graph.operand(0, call), try graph.operand(1, call)], call)]
  },
  OperatorEntry("SCATTER_ND", version: 1, 3) { call, graph in
    let shape = try graph.integers(2, call)
    let updates = try graph.operand(1, call)
    guard graph.type(of: updates).element != .string,
      shape.allSatisfy({ $0 >= 0 }), let count = Shape(shape).checkedCount, count <= elementLimit
    else { throw Diagnostic.error("SCATTER_ND cannot write to \(shape)") }
    let type = TensorType(graph.type(of: updates).element, Shape(shape))
    let zeros = graph.rewriter.constant(
      Tensor(type, storage: Storage(byteCount: type.byteCount) { _ in }))
    var operation = ScatterND()
    operation.mode = .add
    return [try graph.add(operation, [zeros, try graph.operand(0, call), updates], call)]
  },
  OperatorEntry("TOPK_V2", version: 3, 2) { call, graph in
    let x = try graph.operand(0, call)
    guard let count = try graph.integers(1, call).first, call.outputs.count == 2 else {
      throw Diagnostic.error("TOPK_V2 lacks its count")
    }
    var operation = TopK()
    operation.count = count
    let quantization = graph.type(of: x).quantization
    let results = try graph.insert(operation, [x], quantization: [quantization, nil], call)
    let element = try graph.outputType(1, call).element
    return [
      results[0], try graph.add(Cast(to: element), [results[1]], quantization: nil, call),
    ]
  },
  OperatorEntry("ONE_HOT", version: 1, 4) { call, graph in
    let indices = try graph.operand(0, call)
    guard let depth = try graph.integers(1, call).first, (0...(1 << 24)).contains(depth) else {
      throw Diagnostic.error("ONE_HOT lacks its depth")
    }
    var shape = graph.type(of: indices).shape.dimensions
    let axis = call.options.int("axis")
    let place = try graph.axis(axis, rank: shape.count + 1, call)
    shape.insert(1, at: place)
    var ramp = [Int](repeating: 1, count: shape.count)
    ramp[place] = depth
    let places = graph.rewriter.constant(
      Tensor.from(
        integers: Array(0..<depth), graph.type(of: indices).element, Shape(ramp)))
    let column = try graph.reshape(indices, to: shape, call)
    let isHot = try graph.plain(Equal(), [column, places], call)
    return [
      try graph.add(
        Select(), [isHot, try graph.operand(2, call), try graph.operand(3, call)], call)
    ]
  },
  OperatorEntry("DYNAMIC_UPDATE_SLICE", version: 6, 3) { call, graph in
    let (x, update) = (try graph.operand(0, call), try graph.operand(1, call))
    let quantization = graph.type(of: x).quantization
    let written =
      graph.type(of: update).quantization == quantization
      ? update : try graph.add(StorageCast(), [update], quantization: quantization, call)
    let operands = [x, written, try graph.operand(2, call)]
    return [try graph.add(UpdateSlice(), operands, quantization: quantization, call)]
  },
  OperatorEntry("UNIQUE", version: 1, 1) { call, graph in
    let x = try graph.operand(0, call)
    var operation = Unique()
    operation.isSorted = false
    let results = try graph.insert(
      operation, [x], quantization: [nil, nil, nil, nil], call)
    let element = try graph.outputType(1, call).element
    return [results[0], try graph.plain(Cast(to: element), [results[2]], call)]
  },
  OperatorEntry("SPARSE_TO_DENSE", version: 3, 4) { call, graph in
    let indices = try graph.operand(0, call)
    let shape = try graph.integers(1, call)
    let (values, filler) = (try graph.operand(2, call), try graph.operand(3, call))
    let places = graph.type(of: indices).shape
    guard places.rank <= 2, graph.type(of: filler).shape.count == 1 else {
      throw Diagnostic.error("SPARSE_TO_DENSE cannot write to [\(places)]")
    }
    // One index is a place of its own; a list of them are places along one axis.
    let count = places.rank == 0 ? 1 : places[0]
    let depth = places.rank < 2 ? 1 : places[1]
    let vectors = try graph.reshape(indices, to: [count, depth], call)
    let scalar = try graph.reshape(filler, to: [], call)
    let ground = try graph.broadcast(scalar, to: shape, call)
    let updates =
      graph.type(of: values).rank == 0 ? try graph.broadcast(values, to: [count], call) : values
    return [try graph.plain(ScatterND(), [ground, vectors, updates], call)]
  },
  OperatorEntry("EMBEDDING_LOOKUP", version: 5, 2) { call, graph in
    var table = try graph.operand(1, call)
    if graph.type(of: table).isQuantized, try graph.outputType(0, call).element.isFloat {
      table = try graph.plain(Dequantize(), [table], call)
    }
    return [try graph.add(Gather(axis: 0), [table, try graph.operand(0, call)], call)]
  },
]

private func argument(
  _ name: String, version: Int, _ make: @escaping @Sendable (Int) -> any Operation
) -> OperatorEntry {
  OperatorEntry(name, version: version, 2) { call, graph in
    let x = try graph.operand(0, call)
    guard let axis = try graph.axes(1, call, rank: graph.type(of: x).rank).first else {
      throw Diagnostic.error("\(name) lacks its axis")
    }
    let index = try graph.plain(make(axis), [x], call)
    let element = try graph.outputType(0, call).element
    return [element == .i64 ? index : try graph.plain(Cast(to: element), [index], call)]
  }
}
