import IR

let slicingOperators: [OperatorEntry] = [
  OperatorEntry("SLICE", version: 8, 3) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape
    let (begin, asked) = (try graph.integers(1, call), try graph.integers(2, call))
    guard begin.count == shape.rank, asked.count == shape.rank else {
      throw Diagnostic.error("SLICE needs a start and a size for each axis of [\(shape)]")
    }
    let size = (0..<shape.rank).map { asked[$0] == -1 ? shape[$0] - begin[$0] : asked[$0] }
    return [try graph.add(Slice(start: begin, size: size), [x], call)]
  },
  OperatorEntry("STRIDED_SLICE", version: 8, 4) { call, graph in
    let x = try graph.operand(0, call)
    let range = StridedRange(
      shape: graph.type(of: x).shape, begin: try graph.integers(1, call),
      end: try graph.integers(2, call), stride: try graph.integers(3, call), call.options)
    let box = try range.resolve()
    let slice = Slice(start: box.start, size: box.size, stride: box.stride)
    let cut = try graph.add(slice, [x], quantization: graph.type(of: x).quantization, call)
    return [try graph.reshape(cut, to: box.result, call)]
  },
  OperatorEntry("SPLIT", version: 5, 2) { call, graph in
    let x = try graph.operand(1, call)
    let shape = graph.type(of: x).shape
    guard let axis = try graph.axes(0, call, rank: shape.rank).first, !call.outputs.isEmpty,
      shape[axis] % call.outputs.count == 0
    else { throw Diagnostic.error("SPLIT cannot cut [\(shape)] into \(call.outputs.count)") }
    let size = shape[axis] / call.outputs.count
    return try graph.cut(x, axis, call.outputs.map { _ in size }, call)
  },
  OperatorEntry("SPLIT_V", version: 3, 3) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape
    var sizes = try graph.integers(1, call)
    guard let axis = try graph.axes(2, call, rank: shape.rank).first else {
      throw Diagnostic.error("SPLIT_V lacks its axis")
    }
    if let free = sizes.firstIndex(of: -1) {
      sizes[free] = shape[axis] - sizes.filter { $0 != -1 }.reduce(0, +)
    }
    guard sizes.count == call.outputs.count, sizes.allSatisfy({ $0 >= 0 }),
      sizes.reduce(0, +) == shape[axis]
    else { throw Diagnostic.error("SPLIT_V cannot cut [\(shape)] into \(sizes)") }
    return try graph.cut(x, axis, sizes, call)
  },
  OperatorEntry("UNPACK", version: 6, 1) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape
    let axis = try graph.axis(call.options.int("axis"), rank: shape.rank, call)
    guard shape[axis] == call.outputs.count else {
      throw Diagnostic.error("UNPACK cannot cut [\(shape)] into \(call.outputs.count)")
    }
    let pieces = try graph.cut(x, axis, call.outputs.map { _ in 1 }, call)
    var kept = shape.dimensions
    kept.remove(at: axis)
    var results: [Value] = []
    for piece in pieces { results.append(try graph.reshape(piece, to: kept, call)) }
    return results
  },
  OperatorEntry("GATHER", version: 8, 2) { call, graph in
    let x = try graph.operand(0, call)
    let axis = try graph.axis(call.options.int("axis"), rank: graph.type(of: x).rank, call)
    let indices = try graph.operand(1, call)
    let shape = graph.type(of: indices).shape.dimensions
    let asked = call.options.int("batch_dims")
    let batch = asked < 0 ? asked + shape.count : asked
    if batch != 0 {
      guard (0...min(axis, shape.count)).contains(batch) else {
        throw Diagnostic.error("GATHER has no \(batch) batch axes before axis \(axis)")
      }
      return [try graph.gatheredInBatches(x, indices, axis, batch, call)]
    }
    return [try graph.add(Gather(axis: axis), [x, indices], call)]
  },
]

extension GraphImporter {
  /// Elements along `axis`, chosen anew for each index of the first `batch` axes. The axes between
  /// move behind `axis` and their results back before the indices' own axes.
  fileprivate mutating func gatheredInBatches(
    _ x: Value, _ indices: Value, _ axis: Int, _ batch: Int, _ call: OperatorCall
  ) throws -> Value {
    let (rank, places) = (type(of: x).rank, type(of: indices).shape.dimensions)
    let between = Array(batch..<axis)
    let order = Array(0..<batch) + [axis] + between + Array((axis + 1)..<rank)
    let source = between.isEmpty ? x : try permute(x, order, call)
    var operation = GatherND()
    operation.batchDimensions = batch
    let vectors = try reshape(indices, to: places + [1], call)
    let quantization = type(of: x).quantization
    let picked = try add(operation, [source, vectors], quantization: quantization, call)
    guard !between.isEmpty else { return picked }
    let own = places.count - batch
    let back =
      Array(0..<batch) + between.indices.map { batch + own + $0 }
      + (0..<own).map { batch + $0 }
      + Array((places.count + between.count)..<type(of: picked).rank)
    return try permute(picked, back, call)
  }

  /// Pieces of the given sizes along `axis`, one after another.
  fileprivate mutating func cut(
    _ x: Value, _ axis: Int, _ sizes: [Int], _ call: OperatorCall
  ) throws -> [Value] {
    var results: [Value] = []
    var start = [Int](repeating: 0, count: type(of: x).rank)
    for size in sizes {
      var shape = type(of: x).shape.dimensions
      shape[axis] = size
      let slice = Slice(start: start, size: shape)
      results.append(try add(slice, [x], quantization: type(of: x).quantization, call))
      start[axis] += size
    }
    return results
  }
}
