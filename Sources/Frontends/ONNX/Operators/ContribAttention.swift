import IR

// Attention as com.microsoft's transformer optimiser writes it.
// Source: ONNX Runtime, `docs/ContribOperators.md`; arXiv 1706.03762.

private let ms = ONNXOperator.microsoft

let contribAttentionOperators: [ONNXOperator] = [
  ONNXOperator("Attention", inputs: 2...7, domain: ms, importAttention),
  ONNXOperator("QAttention", inputs: 5...9, domain: ms, importQuantizedAttention),
]

func headCount(_ node: SourceNodeReader) throws -> Int {
  guard let heads = try node.attributes.int("num_heads"), heads >= 1 else {
    throw node.invalid("needs num_heads")
  }
  return heads
}

/// The operands of `Attention` and `QAttention` behind their projection.
private struct ProjectedAttention {
  var mask: Value?
  var past: Value?
  var bias: Value?
  /// Widths of queries, keys and values.
  var widths: [Int]

  /// - Parameter projected: `[B, S, queries + keys + values]`.
  func run(
    _ node: SourceNodeReader, _ graph: GraphBuilder, _ projected: Value
  ) throws -> [Value] {
    let attributes = node.attributes
    let heads = try headCount(node)
    guard try !attributes.flag("do_rotary"), try !attributes.flag("past_present_share_buffer")
    else { throw node.unsupported("do_rotary and shared buffers are not supported") }
    _ = try attributes.int("rotary_embedding_dim")
    let starts = [0, widths[0], widths[0] + widths[1]]
    let parts = try starts.indices.map { index in
      try graph.heads(
        try graph.columns(projected, starts[index], widths[index], node), heads, node)
    }
    var (keys, values) = (parts[1], parts[2])
    var offset = 0
    if let past {
      let shape = try graph.staticShape(past, "the past")
      guard shape.rank == 5, shape[0] == 2 else {
        throw node.invalid("needs a past [2, batch, heads, length, size], not \(shape)")
      }
      offset = shape[3]
      let halves = try [0, 1].map { index -> Value in
        var slice = Slice(start: [index, 0, 0, 0, 0], size: shape.dimensions)
        slice.size[0] = 1
        return try graph.reshape(
          try graph.slice(past, slice, node), Array(shape.dimensions[1...]))
      }
      keys = try graph.emit(Concat(axis: 2), [halves[0], keys])
      values = try graph.emit(Concat(axis: 2), [halves[1], values])
    }
    var core = AttentionCore(node, graph, graph.type(projected).element)
    let scale = try attributes.float("scale", default: 0)
    core.scale = scale == 0 ? nil : scale
    let (queryCount, keyCount) = (graph.shape(parts[0])[2], graph.shape(keys)[2])
    let filter = Double(try attributes.float("mask_filter_value", default: -10000))
    if let mask {
      try core.addMaskIndex(
        mask, batch: graph.shape(projected)[0], keys: keyCount, filter: filter)
    }
    if try attributes.flag("unidirectional") {
      try core.addCausalMask(queries: queryCount, keys: keyCount, offset: offset)
    }
    if let bias { core.masks.append(try graph.plain(bias)) }
    let result = try core.run(parts[0], keys, values)
    guard node.wants(output: 1) else { return [result] }
    let present = try [keys, values].map { value in
      try graph.reshape(value, [1] + graph.shape(value).dimensions)
    }
    return [result, try graph.emit(Concat(axis: 0), present)]
  }
}

/// Queries, keys and values are one product of the operand.
@Sendable private func importAttention(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let weights = try node.input(1)
  let columns = try graph.staticShape(weights, "the weights").dimensions.last ?? 0
  guard node.optional(6) == nil else {
    throw node.unsupported("past_sequence_length is not supported")
  }
  let widths = try node.attributes.ints("qkv_hidden_sizes")
    ?? [Int](repeating: columns / 3, count: 3)
  guard widths.count == 3, widths.allSatisfy({ $0 >= 1 }), widths.reduce(0, +) == columns else {
    throw node.invalid("weights of \(columns) columns for the sizes \(widths)")
  }
  var projected = try node.imported(as: "MatMul", [x, weights], graph)[0]
  if let bias = node.optional(2) {
    projected = try graph.emit(Add(), [projected, try graph.plain(bias)])
  }
  return try ProjectedAttention(
    mask: node.optional(3), past: node.optional(4), bias: node.optional(5), widths: widths
  ).run(node, graph, projected)
}

/// The product is one of integers.
@Sendable private func importQuantizedAttention(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let sums = try node.imported(
    as: "MatMulInteger",
    [try node.input(0), try node.input(1), node.optional(6), node.optional(7)], graph)[0]
  let e = Expression(graph, .f32)
  let scale = try e.multiply(
    try graph.plain(try node.input(3)), try graph.plain(try node.input(4)))
  let real = try e.multiply(try graph.emit(Cast(to: .f32), [sums]), scale)
  let projected = try e.add(real, try graph.plain(try node.input(2)))
  let columns = try graph.staticShape(projected, "the product").dimensions.last ?? 0
  guard columns % 3 == 0 else { throw node.invalid("\(columns) columns are no triple") }
  return try ProjectedAttention(
    mask: node.optional(5), past: node.optional(8), bias: nil,
    widths: [columns / 3, columns / 3, columns / 3]
  ).run(node, graph, projected)
}
