import IR

let onnxLinearAttentionOperators: [ONNXOperator] = [
  ONNXOperator("LinearAttention", since: 27, inputs: 3...6) { node, graph in
    try LinearAttentionImporter(node, graph).run()
  },
  ONNXOperator("CausalConvWithState", since: 27, inputs: 2...4, importCausalConvolution),
]

/// Attention by a state that every position updates: `S ← decay(S) + k ⊗ v`, `y = scale · q · S`,
/// position by position. Under the delta rule v is replaced by `β · (v − k · S)`.
///
/// Source: ONNX `Operators.md`, `LinearAttention`; arXiv 2006.16236, 2412.06464.
private struct LinearAttentionImporter {
  /// Positions that are unrolled at most.
  private static let lengthLimit: Int = 1 << 12

  private let node: SourceNodeReader
  private let graph: GraphBuilder
  /// Sums are kept in this type.
  private let e: Expression
  private let batch: Int
  private let length: Int
  private let heads: Int
  private let queryHeads: Int

  init(_ node: SourceNodeReader, _ graph: GraphBuilder) throws {
    self.node = node
    self.graph = graph
    let query = try node.input(0)
    let shape = try graph.staticShape(query, "the query")
    heads = try node.attributes.int("kv_num_heads", default: 0)
    queryHeads = try node.attributes.int("q_num_heads", default: 0)
    guard shape.rank == 3, heads >= 1, queryHeads >= heads, queryHeads % heads == 0 else {
      throw node.invalid("needs operands [N, length, size], q_num_heads and kv_num_heads")
    }
    (batch, length) = (shape[0], shape[1])
    guard length <= LinearAttentionImporter.lengthLimit else {
      throw node.unsupported(
        "more than \(LinearAttentionImporter.lengthLimit) positions are not unrolled")
    }
    e = Expression(graph, graph.type(query).element == .f64 ? .f64 : .f32)
  }

  func run() throws -> [Value] {
    _ = try node.attributes.int("chunk_size")
    let rule = try node.attributes.string("update_rule") ?? "gated_delta"
    guard ["linear", "gated", "delta", "gated_delta"].contains(rule) else {
      throw node.invalid("update_rule '\(rule)' is not known")
    }
    let (isGated, isDelta) = (rule.hasPrefix("gated"), rule.hasSuffix("delta"))
    let query = try wide(try node.input(0), queryHeads)
    let (key, value) = (try wide(try node.input(1), heads), try wide(try node.input(2), heads))
    let (keySize, valueSize) = (graph.shape(key)[3], graph.shape(value)[3])
    guard graph.shape(query)[3] == keySize else { throw node.invalid("query and key differ") }
    let decay = isGated ? try e.unary(Exponential(), try wide(try node.input(4), heads)) : nil
    let beta = isDelta ? try gate(try node.input(5)) : nil
    let given = try node.attributes.float("scale", default: 0)
    let scale = given == 0 ? 1 / Double(max(keySize, 1)).squareRoot() : Double(given)
    let stateType = graph.type(try node.optional(3) ?? node.input(0)).element
    var state = try node.optional(3).map { try graph.emit(Cast(to: e.element), [$0]) }
      ?? graph.broadcast(e.number(0), to: [batch, heads, keySize, valueSize])
    var outputs: [Value] = []
    for position in 0..<length {
      let k = try item(key, position)
      var v = try item(value, position)
      if let decay { state = try e.multiply(state, try turned(try item(decay, position))) }
      if let beta {
        let recalled = try graph.emit(MatMul(), [k, state])
        v = try e.multiply(try item(beta, position), try e.subtract(v, recalled))
      }
      state = try e.add(state, try graph.emit(MatMul(), [try turned(k), v]))
      // Groups of query heads read one state.
      let q = try graph.reshape(
        try item(query, position), [batch, heads, queryHeads / heads, keySize])
      let read = try e.multiply(try graph.emit(MatMul(), [q, state]), e.number(scale))
      outputs.append(try graph.reshape(read, [batch, 1, queryHeads * valueSize]))
    }
    guard !outputs.isEmpty else { throw node.unsupported("an empty sequence") }
    let joined = try graph.emit(Concat(axis: 1), outputs)
    let element = graph.type(try node.input(0)).element
    return [
      try graph.emit(Cast(to: element), [joined]), try graph.emit(Cast(to: stateType), [state]),
    ]
  }

  /// [N, length, heads · size] → [N, heads, length, size].
  private func wide(_ x: Value, _ count: Int) throws -> Value {
    let shape = try graph.staticShape(x, "an operand")
    guard shape.rank == 3, shape[0] == batch, shape[1] == length, shape[2] % count == 0 else {
      throw node.invalid("cannot part \(shape) into \(count) heads")
    }
    let cast = try graph.emit(Cast(to: e.element), [try graph.plain(x)])
    let apart = try graph.reshape(cast, [batch, length, count, shape[2] / count])
    return try graph.transpose(apart, [0, 2, 1, 3])
  }

  /// β for every head, or one for all.
  private func gate(_ x: Value) throws -> Value {
    let last = try graph.staticShape(x, "beta").dimensions.last ?? 0
    guard last == heads || last == 1 else { throw node.invalid("beta does not fit \(heads) heads") }
    return try wide(x, last)
  }

  /// [N, heads, 1, size] at `position`.
  private func item(_ x: Value, _ position: Int) throws -> Value {
    let shape = graph.shape(x)
    let slice = Slice(start: [0, 0, position, 0], size: [shape[0], shape[1], 1, shape[3]])
    return try graph.slice(x, slice, node)
  }

  private func turned(_ x: Value) throws -> Value { try graph.transpose(x, [0, 1, 3, 2]) }
}

/// A depthwise convolution behind the last elements of the call before.
@Sendable private func importCausalConvolution(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let (x, weights) = (try graph.plain(try node.input(0)), try graph.plain(try node.input(1)))
  let shape = try graph.staticShape(x, "the input")
  let filter = try graph.staticShape(weights, "the weights")
  guard shape.rank == 3, filter.rank == 3, filter[0] == shape[1], filter[1] == 1, filter[2] >= 1
  else { throw node.invalid("needs [N, C, length] and [C, 1, k], not \(shape) and \(filter)") }
  let before = filter[2] - 1
  let element = graph.type(x).element
  let past = try node.optional(3).map { try graph.plain($0) }
    ?? graph.broadcast(graph.scalar(0, element), to: [shape[0], shape[1], before])
  let signal = before == 0 ? x : try graph.emit(Concat(axis: 2), [past, x])
  let operands = [
    try graph.imageLast(signal),
    try graph.reshape(try graph.transpose(weights, [1, 2, 0]), [1, 1, filter[2], filter[0]]),
  ]
  let bias = try node.optional(2).map { [try graph.plain($0)] } ?? []
  let sums = try graph.emit(DepthwiseConv2D(), operands + bias)
  var result = try graph.imageFirst(sums, rank: 3)
  switch try node.attributes.string("activation") ?? "none" {
  case "none": break
  case "silu", "swish":
    let e = Expression(graph, element == .f64 ? .f64 : .f32)
    let wide = try graph.emit(Cast(to: e.element), [result])
    result = try graph.emit(Cast(to: element), [try e.swish(wide, 1)])
  case let other: throw node.invalid("activation '\(other)' is not known")
  }
  let slice = Slice(start: [0, 0, shape[2]], size: [shape[0], shape[1], before])
  return [result, try graph.slice(signal, slice, node)]
}
