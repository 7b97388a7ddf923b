import IR

let contribBlockGatherOperators: [ONNXOperator] = [
  ONNXOperator(
    "GatherBlockQuantized", inputs: 3...4, domain: ONNXOperator.microsoft, importBlockGather)
]

/// Rows of a table whose elements have a scale, and perhaps a zero point, per block along one axis.
///
/// Source: ONNX Runtime, `docs/ContribOperators.md`.
@Sendable private func importBlockGather(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard let data = graph.constant(try node.input(0)), let scales = graph.constant(try node.input(2)),
    node.optional(3).map({ graph.constant($0) != nil }) ?? true
  else { throw node.unsupported("a table, scales or zero points that are no constants") }
  let bits = try node.attributes.int("bits", default: 4)
  guard data.rank >= 1, [4, 8].contains(bits), bits == 8 || data.element != .i8 else {
    throw node.unsupported("\(data.type) with \(bits) bits")
  }
  let isPacked = data.element == .u8 && bits == 4
  let table = isPacked ? halves(data) : data
  let axis = try normalized(
    [try node.attributes.int("quantize_axis", default: 1)], rank: table.rank, node)[0]
  let block = try node.attributes.int("block_size", default: 128)
  var extents = table.shape.dimensions
  guard (1...(1 << 24)).contains(block) else { throw node.invalid("blocks of \(block)") }
  extents[axis] = (extents[axis] + block - 1) / block
  guard scales.shape == Shape(extents), table.count <= GraphBuilder.tableLimit / 4 else {
    throw node.invalid("scales \(scales.type) do not fit \(table.type) in blocks of \(block)")
  }
  let zeros = try zeroPoints(node, graph, isPacked, scales, bits, data.element)
  let (stored, factors) = (table.integers(), scales.floats())
  let (own, blocks) = (table.shape.strides, scales.shape.strides)
  let real = Tensor.make(table.shape, of: Float.self) { out in
    for place in stored.indices {
      var parameter = 0
      for dimension in own.indices {
        let index = place / own[dimension] % table.shape[dimension]
        parameter += (dimension == axis ? index / block : index) * blocks[dimension]
      }
      out[place] = (Float(stored[place]) - zeros[parameter]) * factors[parameter]
    }
  }
  let along = try normalized(
    [try node.attributes.int("gather_axis", default: 0)], rank: table.rank, node)[0]
  let indices = try graph.plain(try node.input(1))
  let values = graph.constant(real.converted(to: scales.element))
  return [try graph.emit(Gather(axis: along), [values, indices])]
}

/// Bytes as twice as many numbers of 4 bits along the last axis, the low ones first.
private func halves(_ tensor: Tensor) -> Tensor {
  var extents = tensor.shape.dimensions
  extents[extents.count - 1] *= 2
  let values = tensor.integers().flatMap { [$0 & 15, $0 >> 4] }
  return Tensor.from(integers: values, .u4, Shape(extents))
}

/// One zero point per scale; unsigned bytes are centred where there are none.
private func zeroPoints(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ isPacked: Bool, _ scales: Tensor,
  _ bits: Int, _ element: ElementType
) throws -> [Float] {
  guard let given = node.optional(3).flatMap({ graph.constant($0) }) else {
    let centre: Float = element == .u8 ? Float(1 << (bits - 1)) : 0
    return [Float](repeating: centre, count: scales.count)
  }
  guard isPacked else {
    guard given.count == scales.count else {
      throw node.invalid("zero points \(given.type) for scales \(scales.type)")
    }
    return given.integers().map { Float($0) }
  }
  // A row of an odd number of zero points ends in half a byte.
  let width = scales.shape.dimensions.last ?? 1
  let bytes = (width + 1) / 2
  guard width > 0, given.count == scales.count / width * bytes else {
    throw node.invalid("zero points \(given.type) for scales \(scales.type)")
  }
  let wide = halves(given).integers()
  return (0..<scales.count).map { Float(wide[$0 / width * 2 * bytes + $0 % width]) }
}
