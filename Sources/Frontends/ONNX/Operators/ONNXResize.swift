import IR

let onnxResizeOperators: [ONNXOperator] = [
  ONNXOperator("Resize", since: 10, inputs: 1...4, importResize),
  ONNXOperator("Upsample", since: 7, inputs: 1...2, importUpsample),
]

@Sendable private func importUpsample(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let scales = node.opset < 9
    ? try node.attributes.floats("scales") : try graph.floats(try node.input(1), "the scales")
  guard let scales, scales.count == shape.rank else { throw node.invalid("needs one scale per axis") }
  var sampling = ResizeSampling()
  sampling.mode = try node.attributes.string("mode") ?? "nearest"
  sampling.coordinates = "asymmetric"
  sampling.nearest = "floor"
  let axes = try scales.enumerated().map { axis, scale in
    try ResizeAxis(node, axis: axis, input: shape[axis], scale: Double(scale))
  }
  return [try resize(node, graph, x, axes, sampling)]
}

@Sendable private func importResize(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let sampling = try ResizeSampling(node)
  let along = try normalized(
    try node.attributes.ints("axes") ?? Array(0..<shape.rank), rank: shape.rank, node)
  let isFirst = node.opset < 11
  let scales = try node.optional(isFirst ? 1 : 2).map { try graph.floats($0, "the scales") } ?? []
  let sizes = try graph.optionalIntegers(node.optional(3), "the sizes") ?? []
  let roi = try sampling.crops
    ? node.optional(1).map { try graph.floats($0, "the region") } ?? [] : []
  guard scales.count == along.count || sizes.count == along.count,
    !sampling.crops || roi.count == 2 * along.count
  else { throw node.invalid("scales, sizes or roi do not fit \(along.count) axes") }
  let policy = try node.attributes.string("keep_aspect_ratio_policy") ?? "stretch"
  let ratios = sizes.indices.map { Double(sizes[$0]) / Double(max(shape[along[$0]], 1)) }
  let common = policy == "stretch" ? nil : policy == "not_larger" ? ratios.min() : ratios.max()
  let axes = try along.enumerated().map { index, axis -> ResizeAxis in
    let region = sampling.crops
      ? (Double(roi[index]), Double(roi[index + along.count])) : (0, 1)
    if sizes.isEmpty {
      return try ResizeAxis(
        node, axis: axis, input: shape[axis], scale: Double(scales[index]), region: region)
    }
    let output = common.map { Int(($0 * Double(shape[axis]) + 0.5).rounded(.down)) } ?? sizes[index]
    return try ResizeAxis(
      node, axis: axis, input: shape[axis], output: output, scale: common ?? ratios[index],
      region: region)
  }
  return [try resize(node, graph, x, axes, sampling)]
}

/// Resampling is linear and works axis by axis: a gather for `nearest`, a product with a constant
/// matrix of weights otherwise.
private func resize(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ axes: [ResizeAxis],
  _ sampling: ResizeSampling
) throws -> Value {
  var result = x
  var outside: Value?
  for axis in axes {
    if sampling.crops, let mask = try axis.outside(graph, sampling, rank: graph.shape(x).rank) {
      outside = try outside.map { try graph.emit(BitwiseOr(), [$0, mask]) } ?? mask
    }
    if axis.isIdentity && !sampling.crops { continue }
    var own = sampling
    if sampling.isFirstVersion && axis.scale < 1 { own.nearest = "ceil" }
    result = sampling.mode == "nearest"
      ? try axis.gather(node, graph, result, own)
      : try axis.interpolate(node, graph, result, sampling)
  }
  guard let outside else { return result }
  let value = graph.scalar(Double(sampling.extrapolation), graph.type(result).element)
  return try graph.emit(Select(), [outside, value, result])
}
