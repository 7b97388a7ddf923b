import IR

// Attention with a cache and turned positions, as exporters of language models write it.
// Source: ONNX Runtime, `docs/ContribOperators.md`; arXiv 2305.13245, 2104.09864.

let contribGroupedAttentionOperators: [ONNXOperator] = [
  ONNXOperator("GroupQueryAttention", inputs: 1...16, domain: ONNXOperator.microsoft) {
    try GroupedAttention($0, $1).run()
  },
  ONNXOperator(
    "RotaryEmbedding", inputs: 4, domain: ONNXOperator.microsoft, importRotaryEmbedding),
]

/// Turns pairs of elements by the angles whose cosines and sines are given.
private struct Rotation {
  let cosines: Value
  let sines: Value
  let isInterleaved: Bool

  /// `x`: `[B, N, S, H]`; the tables: `[max, half]`; `positions`: `[B, S]` or `[1, S]`.
  func apply(
    _ graph: GraphBuilder, _ x: Value, _ positions: Value, _ node: SourceNodeReader
  ) throws -> Value {
    let shape = try graph.staticShape(x, "an operand")
    let e = Expression(graph, graph.type(x).element)
    func table(_ value: Value) throws -> Value {
      let rows = try graph.emit(Gather(axis: 0), [try graph.plain(value), positions])
      let own = graph.shape(rows)
      guard own.rank == 3 else {
        throw node.invalid("positions and cache make rows of shape \(own)")
      }
      return try graph.reshape(rows, [own[0], 1, own[1], own[2]])
    }
    let (cosine, sine) = (try table(cosines), try table(sines))
    let half = graph.shape(cosine)[3]
    guard half >= 1, 2 * half <= shape[3] else {
      throw node.invalid("a cache of \(half) angles for heads of \(shape[3])")
    }
    func every(_ start: Int, _ step: Int) throws -> Value {
      try graph.slice(
        x,
        Slice(
          start: [0, 0, 0, start], size: [shape[0], shape[1], shape[2], half],
          stride: [1, 1, 1, step]), node)
    }
    let (first, second) = isInterleaved
      ? (try every(0, 2), try every(1, 2)) : (try every(0, 1), try every(half, 1))
    let real = try e.subtract(try e.multiply(first, cosine), try e.multiply(second, sine))
    let imaginary = try e.add(try e.multiply(first, sine), try e.multiply(second, cosine))
    var turned: Value
    if isInterleaved {
      let pairs = try [real, imaginary].map { value in
        try graph.reshape(value, graph.shape(value).dimensions + [1])
      }
      turned = try graph.reshape(
        try graph.emit(Concat(axis: 4), pairs), [shape[0], shape[1], shape[2], 2 * half])
    } else {
      turned = try graph.emit(Concat(axis: 3), [real, imaginary])
    }
    guard 2 * half < shape[3] else { return turned }
    let rest = try graph.columns(x, 2 * half, shape[3] - 2 * half, node)
    return try graph.emit(Concat(axis: 3), [turned, rest])
  }
}

@Sendable private func importRotaryEmbedding(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  guard (3...4).contains(shape.rank) else { throw node.invalid("cannot turn \(shape)") }
  let rotation = Rotation(
    cosines: try node.input(2), sines: try node.input(3),
    isInterleaved: try attributes.flag("interleaved"))
  guard try !attributes.flag("is_packed_batching"), try attributes.float("scale", default: 1) == 1
  else { throw node.unsupported("packed batches and scales are not supported") }
  let turned = try attributes.int("rotary_embedding_dim", default: 0)
  let declared = try attributes.int("num_heads", default: 0)
  let length = shape.rank == 4 ? shape[2] : shape[1]
  let positions = try positionTable(node, graph, length)
  if shape.rank == 4 { return [try rotation.apply(graph, x, positions, node)] }
  let width = 2 * (try graph.staticShape(rotation.cosines, "the cache").dimensions.last ?? 0)
  guard shape.rank == 3, width >= 1, turned == 0 || declared >= 1 else {
    throw node.invalid("cannot turn \(shape)")
  }
  let heads = turned > 0 ? declared : shape[2] / width
  let apart = try graph.heads(x, heads, node)
  let result = try rotation.apply(graph, apart, positions, node)
  return [try graph.reshape(try graph.transpose(result, [0, 2, 1, 3]), shape.dimensions)]
}

/// Positions `[B, S]` as they are; a single one counts from there.
private func positionTable(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ length: Int
) throws -> Value {
  let given = try graph.plain(try node.input(1))
  guard graph.shape(given).rank == 1 else { return given }
  let first = try graph.reshape(given, [1, 1])
  return try graph.emit(Add(), [first, graph.ladder(length, axis: 1, rank: 2)])
}

private struct GroupedAttention {
  private let node: SourceNodeReader
  private let graph: GraphBuilder
  private let heads: Int
  private let keyHeads: Int
  /// Tokens of this call, and all that the cache holds after it, at most.
  private let length: Int
  private let total: Int
  private let batch: Int
  private let isPrompt: Bool
  private let parts: [Value]

  init(_ node: SourceNodeReader, _ graph: GraphBuilder) throws {
    self.node = node
    self.graph = graph
    let attributes = node.attributes
    let heads = try attributes.int("num_heads", default: 0)
    let keyHeads = try attributes.int("kv_num_heads", default: 0)
    (self.heads, self.keyHeads) = (heads, keyHeads)
    let query = try graph.plain(try node.input(0))
    let shape = try graph.staticShape(query, "the query")
    let range = 1...(1 << 16)
    guard range.contains(heads), range.contains(keyHeads), heads % keyHeads == 0, shape.rank == 3
    else {
      throw node.invalid("\(heads) query heads do not share \(keyHeads) key heads")
    }
    (batch, length) = (shape[0], shape[1])
    if let key = node.optional(1), let value = node.optional(2) {
      parts = [
        try graph.heads(query, heads, node), try graph.heads(try graph.plain(key), keyHeads, node),
        try graph.heads(try graph.plain(value), keyHeads, node),
      ]
    } else {
      let size = shape[2] / (heads + 2 * keyHeads)
      let widths = [heads, keyHeads, keyHeads].map { $0 * size }
      parts = try widths.indices.map { index in
        let start = widths[..<index].reduce(0, +)
        let part = try graph.columns(query, start, widths[index], node)
        return try graph.heads(part, index == 0 ? heads : keyHeads, node)
      }
    }
    let counts = try graph.integers(try node.input(6), "the total sequence length")
    guard counts.count == 1, (1...(1 << 20)).contains(counts[0]), counts[0] >= length else {
      throw node.invalid("a total sequence length of \(counts)")
    }
    total = counts[0]
    isPrompt = total == length
    for index in [3, 4] {
      guard let cache = node.optional(index) else { continue }
      let held = try graph.staticShape(cache, "the cache")
      guard held.rank == 4, held[2] <= 1 << 20 else {
        throw node.invalid("cannot take a cache of shape \(held)")
      }
    }
    if let bias = node.optional(10), graph.shape(bias).rank != 4 {
      throw node.invalid("needs a bias of 4 dimensions, not \(graph.type(bias))")
    }
    try refuseUnsupported()
  }

  private func refuseUnsupported() throws {
    let attributes = node.attributes
    guard try !attributes.flag("smooth_softmax"), node.optional(11) == nil else {
      throw node.unsupported("smooth softmax and head sinks are not supported")
    }
    for index in 12..<16 where node.optional(index) != nil {
      throw node.unsupported("its input \(index) (quantised caches, normalised heads)")
    }
    for name in ["k_quant_type", "v_quant_type"] {
      guard try ["NONE", ""].contains(attributes.string(name) ?? "NONE") else {
        throw node.unsupported("a quantised cache is not supported")
      }
    }
    guard try attributes.int("qk_output", default: 0) == 0, !node.wants(output: 3) else {
      throw node.unsupported("the scores as a result")
    }
    _ = try attributes.int("kv_cache_bit_width")
    _ = try attributes.float("qk_norm_epsilon")
    _ = try attributes.int("sliding_window_cache")
  }

  func run() throws -> [Value] {
    let attributes = node.attributes
    let start = try firstPosition()
    var (query, key) = (parts[0], parts[1])
    if try attributes.flag("do_rotary") {
      let rotation = Rotation(
        cosines: try node.input(7), sines: try node.input(8),
        isInterleaved: try attributes.flag("rotary_interleaved"))
      let first = try graph.reshape(start, [graph.shape(start)[0], 1])
      let positions = try node.optional(9).map { try graph.plain($0) }
        ?? graph.emit(Add(), [first, graph.ladder(length, axis: 1, rank: 2)])
      query = try rotation.apply(graph, query, positions, node)
      key = try rotation.apply(graph, key, positions, node)
    } else {
      _ = try attributes.flag("rotary_interleaved")
    }
    let keys = try cached(3, key, start)
    let values = try cached(4, parts[2], start)
    var core = AttentionCore(node, graph, graph.type(query).element)
    let scale = try attributes.float("scale", default: 0)
    core.scale = scale == 0 ? nil : scale
    core.softcap = try attributes.float("softcap", default: 0)
    try addMask(&core, start)
    if let bias = node.optional(10) {
      let own = try graph.plain(bias)
      let missing = graph.shape(keys)[2] - graph.shape(own)[3]
      let padded = missing <= 0
        ? own
        : try graph.emit(Pad(before: [0, 0, 0, 0], after: [0, 0, 0, missing]), [own])
      core.masks.append(padded)
    }
    return [try core.run(query, try repeated(keys), try repeated(values)), keys, values]
  }

  /// Where each row's first token stands: `[B]`, or `[1]` where it is the same for all.
  private func firstPosition() throws -> Value {
    if isPrompt { return graph.constant(Tensor(integers: [0])) }
    let last = try graph.emit(Cast(to: .i64), [try graph.plain(try node.input(5))])
    let flat = try graph.reshape(last, [batch])
    return try graph.emit(Add(), [flat, graph.scalar(Double(1 - length), .i64)])
  }

  /// The past with this call's keys or values written behind what is valid of it.
  private func cached(_ index: Int, _ fresh: Value, _ start: Value) throws -> Value {
    let shape = graph.shape(fresh)
    let past = node.optional(index)
    let held = try past.map { try graph.staticShape($0, "the cache")[2] } ?? 0
    let size = max(held, total)
    if isPrompt && size == length { return fresh }
    let zero = graph.scalar(0, graph.type(fresh).element)
    let base: Value
    if let past, held > 0 {
      base = try graph.emit(
        Pad(before: [0, 0, 0, 0], after: [0, 0, size - held, 0]), [try graph.plain(past)])
    } else {
      base = try graph.broadcast(zero, to: [shape[0], shape[1], size, shape[3]])
    }
    let rows = try graph.reshape(start, [graph.shape(start)[0], 1, 1, 1])
    let places = try graph.emit(Add(), [rows, graph.ladder(length, axis: 2, rank: 4)])
    var scatter = ScatterElements()
    scatter.axis = 2
    return try graph.emit(scatter, [base, try graph.broadcast(places, to: shape), fresh])
  }

  /// Keys up to the query's own position, and no further back than the window.
  private func addMask(_ core: inout AttentionCore, _ start: Value) throws {
    let integers = Expression(graph, .i64)
    let keyCount = max(
      total, try node.optional(3).map { try graph.staticShape($0, "the cache")[2] } ?? 0)
    let j = graph.ladder(keyCount, axis: 3, rank: 4)
    let rows = try graph.reshape(start, [graph.shape(start)[0], 1, 1, 1])
    let p = try integers.add(rows, graph.ladder(length, axis: 2, rank: 4))
    guard try node.attributes.flag("causal", default: true) else {
      throw node.unsupported("attention to later keys (causal = 0)")
    }
    try core.addMask(keeping: try integers.binary(LessOrEqual(), j, p), -.infinity)
    let window = try node.attributes.int("local_window_size", default: -1)
    if window > 0 {
      let last = try integers.add(j, integers.number(Double(window)))
      try core.addMask(keeping: try integers.binary(Less(), p, last), -.infinity)
    }
  }

  /// Keys or values once per query head.
  private func repeated(_ x: Value) throws -> Value {
    guard heads != keyHeads else { return x }
    let shape = graph.shape(x)
    let apart = try graph.reshape(x, [shape[0], shape[1], 1, shape[2], shape[3]])
    let wide = try graph.broadcast(
      apart, to: [shape[0], shape[1], heads / keyHeads, shape[2], shape[3]])
    return try graph.reshape(wide, [shape[0], heads, shape[2], shape[3]])
  }
}
