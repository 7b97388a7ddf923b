import IR

/// Scores, masks, softmax and the weighted sum; queries `[B, N, S, H]`, keys `[B, N, T, H]`, values
/// `[B, N, T, V]`.
struct AttentionCore {
  let graph: GraphBuilder
  let node: SourceNodeReader
  let e: Expression
  /// What is added to the scores: shapes that broadcast to `[B, N, S, T]`.
  var masks: [Value] = []
  var scale: Float?
  var softcap: Float = 0

  init(_ node: SourceNodeReader, _ graph: GraphBuilder, _ element: ElementType) {
    self.node = node
    self.graph = graph
    e = Expression(graph, element)
  }

  /// `[B, S, N · V]`.
  func run(_ query: Value, _ key: Value, _ value: Value) throws -> Value {
    let size = graph.shape(query)[3]
    let factor = scale.map { Double($0) } ?? 1 / Double(max(size, 1)).squareRoot()
    let turned = try graph.transpose(key, [0, 1, 3, 2])
    var scores = try e.multiply(try graph.emit(MatMul(), [query, turned]), e.number(factor))
    if softcap > 0 {
      let cap = e.number(Double(softcap))
      scores = try e.multiply(try e.unary(Tanh(), try e.divide(scores, cap)), cap)
    }
    for mask in masks { scores = try e.add(scores, mask) }
    let heads = try graph.emit(MatMul(), [try e.unary(Softmax(axis: -1), scores), value])
    let shape = graph.shape(heads)
    let moved = try graph.transpose(heads, [0, 2, 1, 3])
    return try graph.reshape(moved, [shape[0], shape[2], shape[1] * shape[3]])
  }

  /// Where keys lie behind their query, whose first one stands at `offset`.
  mutating func addCausalMask(queries: Int, keys: Int, offset: Int) throws {
    guard max(queries, keys) <= 1 << 20, queries * keys <= GraphBuilder.tableLimit / 16 else {
      throw node.unsupported("a mask of \(queries) x \(keys)")
    }
    let values = (0..<(queries * keys)).map { place -> Double in
      place % keys > place / keys + offset ? -.infinity : 0
    }
    masks.append(
      graph.constant(Tensor.from(doubles: values, e.element, [1, 1, queries, keys])))
  }

  /// `filter` where `isKept` is false, 0 elsewhere.
  mutating func addMask(keeping isKept: Value, _ filter: Double) throws {
    masks.append(try graph.emit(Select(), [isKept, e.number(0), e.number(filter)]))
  }

  /// A mask operand of integers in one of ONNX Runtime's layouts, over `keys` keys.
  mutating func addMaskIndex(_ mask: Value, batch: Int, keys: Int, filter: Double) throws {
    let shape = try graph.staticShape(mask, "the mask")
    guard keys <= 1 << 20 else { throw node.unsupported("\(keys) keys are too many") }
    let plain = try graph.emit(Cast(to: .i64), [try graph.plain(mask)])
    let integers = Expression(graph, .i64)
    func column(_ start: Int) throws -> Value {
      let part = try graph.slice(plain, Slice(start: [start], size: [batch]), node)
      return try graph.reshape(part, [batch, 1, 1, 1])
    }
    let places = graph.ladder(keys, axis: 3, rank: 4)
    switch shape.rank {
    case 1 where shape[0] == batch || shape[0] == 2 * batch:
      // Keys end at the first `batch` numbers, and start at the second ones.
      try addMask(keeping: try integers.binary(Less(), places, try column(0)), filter)
      if shape[0] == 2 * batch {
        try addMask(keeping: try integers.binary(LessOrEqual(), try column(batch), places), filter)
      }
    case 2 where shape[1] == keys:
      let isKept = try graph.emit(Cast(to: .bool), [plain])
      try addMask(keeping: try graph.reshape(isKept, [shape[0], 1, 1, keys]), filter)
    case 3 where shape[2] == keys:
      let isKept = try graph.emit(Cast(to: .bool), [plain])
      try addMask(keeping: try graph.reshape(isKept, [shape[0], 1, shape[1], keys]), filter)
    default: throw node.unsupported("a mask of shape \(shape) for \(keys) keys")
    }
  }
}

extension GraphBuilder {
  /// `[B, S, N · H]` as `[B, N, S, H]`.
  func heads(_ x: Value, _ count: Int, _ node: SourceNodeReader) throws -> Value {
    let shape = try staticShape(x, "an operand")
    guard shape.rank == 3, count >= 1, shape[2] % count == 0 else {
      throw node.invalid("\(count) heads do not part \(shape)")
    }
    let apart = try reshape(x, [shape[0], shape[1], count, shape[2] / count])
    return try transpose(apart, [0, 2, 1, 3])
  }

  /// `count` columns of the last axis from `start` on.
  func columns(
    _ x: Value, _ start: Int, _ count: Int, _ node: SourceNodeReader
  ) throws -> Value {
    let shape = try staticShape(x, "an operand")
    guard start >= 0, count >= 0, start + count <= shape[shape.rank - 1] else {
      throw node.invalid("\(shape) has no columns \(start) to \(start + count)")
    }
    var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
    slice.start[shape.rank - 1] = start
    slice.size[shape.rank - 1] = count
    return try self.slice(x, slice, node)
  }
}
