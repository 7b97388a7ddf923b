import IR

let contribMultiHeadOperators: [ONNXOperator] = [
  ONNXOperator(
    "MultiHeadAttention", inputs: 1...10, domain: ONNXOperator.microsoft, importMultiHead)
]

/// Queries, keys and values come apart, or packed into one or two operands.
@Sendable private func importMultiHead(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let heads = try headCount(node)
  guard node.optional(9) == nil, node.optional(8) == nil else {
    throw node.unsupported("cache indirection and shared buffers are not supported")
  }
  guard !node.wants(output: 3) else { throw node.unsupported("the scores as a result") }
  var operands = try unpacked(node, graph, heads)
  guard operands.allSatisfy({ (3...4).contains(graph.shape($0).rank) }) else {
    throw node.invalid("needs operands of 3 or 4 dimensions")
  }
  if let bias = node.optional(3) {
    let width = try graph.staticShape(bias, "the bias").dimensions.first ?? 0
    let sizes = try operands.map { try graph.staticShape($0, "an operand") }
    let own = sizes.map { $0.rank == 3 ? $0[2] : $0[1] * $0[3] }
    guard own.reduce(0, +) == width else { throw node.invalid("a bias of \(width) for \(own)") }
    var start = 0
    for index in operands.indices {
      defer { start += own[index] }
      guard sizes[index].rank == 3 else { continue }
      let part = try graph.columns(bias, start, own[index], node)
      operands[index] = try graph.emit(Add(), [operands[index], part])
    }
  }
  let parts = try operands.map { value in
    graph.shape(value).rank == 4 ? value : try graph.heads(value, heads, node)
  }
  var (keys, values) = (parts[1], parts[2])
  var offset = 0
  if let pastKeys = node.optional(6), let pastValues = node.optional(7) {
    let past = try graph.staticShape(pastKeys, "the past")
    guard past.rank == 4 else { throw node.invalid("needs a past of 4 dimensions, not \(past)") }
    offset = past[2]
    keys = try graph.emit(Concat(axis: 2), [pastKeys, keys])
    values = try graph.emit(Concat(axis: 2), [pastValues, values])
  }
  var core = AttentionCore(node, graph, graph.type(parts[0]).element)
  let scale = try attributes.float("scale", default: 0)
  core.scale = scale == 0 ? nil : scale
  let filter = Double(try attributes.float("mask_filter_value", default: -10000))
  let (queryCount, keyCount) = (graph.shape(parts[0])[2], graph.shape(keys)[2])
  if let mask = node.optional(4) {
    try core.addMaskIndex(
      mask, batch: graph.shape(parts[0])[0], keys: keyCount, filter: filter)
  }
  if try attributes.flag("unidirectional") {
    try core.addCausalMask(queries: queryCount, keys: keyCount, offset: offset)
  }
  if let bias = node.optional(5) { core.masks.append(try graph.plain(bias)) }
  return [try core.run(parts[0], keys, values), keys, values]
}

/// Query, key and value, each `[B, S, N · H]` or `[B, N, S, H]`.
private func unpacked(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ heads: Int
) throws -> [Value] {
  let query = try graph.plain(try node.input(0))
  /// Part `index` of `[B, S, N, parts, H]`.
  func part(_ x: Value, _ index: Int) throws -> Value {
    let shape = try graph.staticShape(x, "an operand")
    var slice = Slice(start: [0, 0, 0, index, 0], size: shape.dimensions)
    slice.size[3] = 1
    return try graph.reshape(
      try graph.slice(x, slice, node), [shape[0], shape[1], shape[2] * shape[4]])
  }
  guard let key = node.optional(1) else {
    let shape = graph.shape(query)
    guard shape.rank == 5, shape[2] == heads, shape[3] == 3 else {
      throw node.invalid("needs keys, or a query [batch, length, heads, 3, size], not \(shape)")
    }
    return try (0..<3).map { try part(query, $0) }
  }
  let plainKey = try graph.plain(key)
  if let value = node.optional(2) { return [query, plainKey, try graph.plain(value)] }
  let shape = graph.shape(plainKey)
  guard shape.rank == 5, shape[2] == heads, shape[3] == 2 else {
    throw node.invalid("needs values, or keys [batch, length, heads, 2, size], not \(shape)")
  }
  return [query, try part(plainKey, 0), try part(plainKey, 1)]
}
