import IR

let onnxAttentionOperators: [ONNXOperator] = [
  ONNXOperator("Attention", since: 23, inputs: 3...7) { node, graph in
    try AttentionImporter(node, graph).run()
  },
  ONNXOperator("RotaryEmbedding", since: 23, inputs: 3...4, importRotaryEmbedding),
]

/// Scaled dot-product attention as matrix products and a softmax.
///
/// Source: ONNX `Operators.md`, `Attention`; arXiv 1706.03762, 2305.13245 (grouped queries).
private struct AttentionImporter {
  private let node: SourceNodeReader
  private let graph: GraphBuilder
  private let e: Expression
  private let isFlat: Bool
  private let query: Value
  private let key: Value
  private let value: Value
  /// Keys that come from an earlier call.
  private let pastLength: Int

  init(_ node: SourceNodeReader, _ graph: GraphBuilder) throws {
    self.node = node
    self.graph = graph
    let q = try graph.plain(try node.input(0))
    e = Expression(graph, graph.type(q).element)
    isFlat = graph.shape(q).rank == 3
    let queryHeads = try node.attributes.int("q_num_heads")
    let keyHeads = try node.attributes.int("kv_num_heads")
    func heads(_ x: Value, _ count: Int?) throws -> Value {
      let shape = try graph.staticShape(x, "an operand")
      guard shape.rank == 3 else { return x }
      guard let count, count >= 1, shape[2] % count == 0 else {
        throw node.invalid("needs q_num_heads and kv_num_heads that divide the last axis")
      }
      let apart = try graph.reshape(x, [shape[0], shape[1], count, shape[2] / count])
      return try graph.transpose(apart, [0, 2, 1, 3])
    }
    query = try heads(q, queryHeads)
    var (k, v) = (
      try heads(try graph.plain(try node.input(1)), keyHeads),
      try heads(try graph.plain(try node.input(2)), keyHeads)
    )
    guard [query, k, v].allSatisfy({ graph.shape($0).rank == 4 }) else {
      throw node.invalid("needs operands of 3 or 4 dimensions")
    }
    var past = 0
    if let pastKey = node.optional(4), let pastValue = node.optional(5) {
      past = try graph.staticShape(pastKey, "the past keys")[2]
      k = try graph.emit(Concat(axis: 2), [pastKey, k])
      v = try graph.emit(Concat(axis: 2), [pastValue, v])
    }
    (key, value, pastLength) = (k, v, past)
  }

  func run() throws -> [Value] {
    let (keys, values) = (try repeated(key), try repeated(value))
    let raw = try scores(keys)
    let softcap = Double(try node.attributes.float("softcap", default: 0))
    var capped = raw
    if softcap > 0 {
      let tanh = try e.unary(Tanh(), try e.divide(raw, e.number(softcap)))
      capped = try e.multiply(tanh, e.number(softcap))
    }
    let mask = try combinedMask(graph.shape(raw))
    let biased = try mask.map { try e.add(capped, $0) } ?? capped
    let weights = try softmax(biased, isMasked: mask != nil)
    let heads = try graph.emit(MatMul(), [weights, values])
    var results = [try joined(heads), key, value]
    if node.wants(output: 3) {
      let stages = [raw, capped, biased, weights]
      let stage = try node.attributes.int("qk_matmul_output_mode", default: 0)
      guard stages.indices.contains(stage) else { throw node.invalid("qk_matmul_output_mode \(stage)") }
      results.append(stages[stage])
    }
    return results
  }

  /// Keys or values once per query head.
  private func repeated(_ x: Value) throws -> Value {
    let (shape, heads) = (graph.shape(x), graph.shape(query)[1])
    guard shape[1] != heads else { return x }
    guard shape[1] > 0, heads % shape[1] == 0 else {
      throw node.invalid("\(heads) query heads do not share \(shape[1]) key heads")
    }
    let apart = try graph.reshape(x, [shape[0], shape[1], 1, shape[2], shape[3]])
    let wide = try graph.broadcast(
      apart, to: [shape[0], shape[1], heads / shape[1], shape[2], shape[3]])
    return try graph.reshape(wide, [shape[0], heads, shape[2], shape[3]])
  }

  /// Both operands are scaled by the root, so that narrow floats do not overflow.
  private func scores(_ keys: Value) throws -> Value {
    let size = graph.shape(query)[3]
    let scale = try node.attributes.float("scale").map { Double($0) }
      ?? 1 / Double(max(size, 1)).squareRoot()
    let root = e.number(scale.squareRoot())
    let turned = try graph.transpose(try e.multiply(keys, root), [0, 1, 3, 2])
    return try graph.emit(MatMul(), [try e.multiply(query, root), turned])
  }

  /// What is added to the scores: the mask operand, and −∞ where the order of positions forbids.
  private func combinedMask(_ scores: Shape) throws -> Value? {
    var masks: [Value] = []
    if let mask = node.optional(3) { masks.append(try additive(mask, keys: scores[3])) }
    if let order = try positionMask(scores) { masks.append(order) }
    guard let first = masks.first else { return nil }
    return try masks.dropFirst().reduce(first) { try e.add($0, $1) }
  }

  /// A mask of truth values or numbers as numbers, missing keys at its end forbidden.
  private func additive(_ mask: Value, keys: Int) throws -> Value {
    var result = mask
    if graph.type(mask).element == .bool {
      result = try graph.emit(Select(), [mask, e.number(0), e.number(-.infinity)])
    }
    let shape = try graph.staticShape(result, "the mask")
    guard let last = shape.dimensions.last, last != keys, last != 1 else { return result }
    guard last < keys else { throw node.invalid("a mask of \(last) keys for \(keys)") }
    var pad = Pad(
      before: [Int](repeating: 0, count: shape.rank), after: [Int](repeating: 0, count: shape.rank))
    pad.after[shape.rank - 1] = keys - last
    pad.value = -.infinity
    return try graph.emit(pad, [result])
  }

  private func positionMask(_ scores: Shape) throws -> Value? {
    let isCausal = try node.attributes.flag("is_causal")
    let left = try node.attributes.int("left_window_size", default: -1)
    let right = try node.attributes.int("right_window_size", default: -1)
    let (queries, keys) = (scores[2], scores[3])
    let lengths = try node.optional(6).map { value -> Value in
      let shape = graph.shape(value)
      let cast = try graph.emit(Cast(to: .i64), [try graph.plain(value)])
      return try graph.reshape(cast, [shape.checkedCount ?? Shape.unknown, 1, 1, 1])
    }
    guard isCausal || left >= 0 || right >= 0 || lengths != nil else { return nil }
    func ladder(_ count: Int, _ shape: Shape) -> Value {
      graph.constant(
        Tensor(integers: Array(0..<count)).reinterpreted(as: TensorType(.i64, shape)))
    }
    let j = ladder(keys, [1, 1, 1, keys])
    let start = try lengths.flatMap { length in
      node.optional(4) == nil
        ? try graph.emit(Subtract(), [length, graph.scalar(Double(queries), .i64)]) : nil
    } ?? graph.scalar(Double(pastLength), .i64)
    let p = try graph.emit(Add(), [ladder(queries, [1, 1, queries, 1]), start])
    var allowed: [Value] = []
    if let lengths { allowed.append(try graph.emit(Less(), [j, lengths])) }
    if isCausal { allowed.append(try graph.emit(LessOrEqual(), [j, p])) }
    if right >= 0 {
      let last = try graph.emit(Add(), [p, graph.scalar(Double(right), .i64)])
      allowed.append(try graph.emit(LessOrEqual(), [j, last]))
    }
    if left >= 0 {
      let first = try graph.emit(Subtract(), [p, graph.scalar(Double(left), .i64)])
      allowed.append(try graph.emit(LessOrEqual(), [first, j]))
    }
    let both = try allowed.dropFirst().reduce(allowed[0]) { try graph.emit(BitwiseAnd(), [$0, $1]) }
    return try graph.emit(Select(), [both, e.number(0), e.number(-.infinity)])
  }

  /// A softmax over the keys; a row where every key is forbidden gives zeros.
  private func softmax(_ scores: Value, isMasked: Bool) throws -> Value {
    let precision = try node.attributes.elementType("softmax_precision") ?? e.element
    let wide = precision == e.element ? scores : try graph.emit(Cast(to: precision), [scores])
    var weights = try graph.emit(Softmax(axis: -1), [wide])
    if isMasked {
      // Such a row is 0/0.
      let isEmpty = try graph.emit(IsNaN(), [weights])
      weights = try graph.emit(Select(), [isEmpty, graph.scalar(0, precision), weights])
    }
    return precision == e.element ? weights : try graph.emit(Cast(to: e.element), [weights])
  }

  /// [N, heads, length, size] as the query came.
  private func joined(_ heads: Value) throws -> Value {
    guard isFlat else { return heads }
    let shape = graph.shape(heads)
    let moved = try graph.transpose(heads, [0, 2, 1, 3])
    return try graph.reshape(moved, [shape[0], shape[2], shape[1] * shape[3]])
  }
}

/// Pairs of elements turned by angles that depend on the position. Source: arXiv 2104.09864.
@Sendable private func importRotaryEmbedding(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let original = try graph.staticShape(x, "the operand")
  let isFlat = original.rank == 3
  let heads = try node.attributes.int("num_heads", default: 0)
  let isInterleaved = try node.attributes.flag("interleaved")
  // [N, length, heads, size]
  let apart: Value
  if isFlat {
    guard heads >= 1, original[2] % heads == 0 else { throw node.invalid("needs num_heads") }
    apart = try graph.reshape(x, [original[0], original[1], heads, original[2] / heads])
  } else {
    apart = try graph.transpose(x, [0, 2, 1, 3])
  }
  let shape = graph.shape(apart)
  let declared = try node.attributes.int("rotary_embedding_dim", default: 0)
  let turned = declared == 0 ? shape[3] : declared
  guard turned % 2 == 0, (2...shape[3]).contains(turned) else {
    throw node.invalid("cannot turn \(turned) of \(shape[3]) elements")
  }
  func part(_ start: Int, _ count: Int, _ step: Int = 1) throws -> Value {
    try graph.slice(
      apart,
      Slice(
        start: [0, 0, 0, start], size: [shape[0], shape[1], shape[2], count],
        stride: [1, 1, 1, step]), node)
  }
  func cache(_ index: Int) throws -> Value {
    var table = try graph.plain(try node.input(index))
    if let positions = node.optional(3) {
      table = try graph.emit(Gather(axis: 0), [table, positions])
    }
    let extents = graph.shape(table).dimensions
    guard extents.count == 3, extents[2] == turned / 2 else {
      throw node.invalid("a cache of shape \(graph.shape(table)) for \(turned) elements")
    }
    return try graph.reshape(table, [extents[0], extents[1], 1, extents[2]])
  }
  let half = turned / 2
  let e = Expression(graph, graph.type(x).element)
  let (first, second) = isInterleaved
    ? (try part(0, half, 2), try part(1, half, 2)) : (try part(0, half), try part(half, half))
  let (cosine, sine) = (try cache(1), try cache(2))
  let real = try e.subtract(try e.multiply(cosine, first), try e.multiply(sine, second))
  let imaginary = try e.add(try e.multiply(sine, first), try e.multiply(cosine, second))
  var rotated: Value
  if isInterleaved {
    let pair = try [real, imaginary].map { try graph.reshape($0, [shape[0], shape[1], shape[2], half, 1]) }
    rotated = try graph.reshape(
      try graph.emit(Concat(axis: 4), pair), [shape[0], shape[1], shape[2], turned])
  } else {
    rotated = try graph.emit(Concat(axis: 3), [real, imaginary])
  }
  if turned < shape[3] {
    rotated = try graph.emit(Concat(axis: 3), [rotated, try part(turned, shape[3] - turned)])
  }
  if isFlat { return [try graph.reshape(rotated, original.dimensions)] }
  return [try graph.transpose(rotated, [0, 2, 1, 3])]
}
