import IR

let onnxPoolingOperators: [ONNXOperator] = [
  ONNXOperator("MaxPool", inputs: 1, importMaxPool),
  ONNXOperator("AveragePool", inputs: 1, importAveragePool),
  ONNXOperator("GlobalAveragePool", inputs: 1, importGlobalAveragePool),
  ONNXOperator("GlobalMaxPool", inputs: 1, importGlobalMaxPool),
  ONNXOperator("LpPool", since: 2, inputs: 1, importLpPool),
  ONNXOperator("GlobalLpPool", since: 2, inputs: 1, importGlobalLpPool),
]

/// Reads a pool's window; refuses what has no core form.
private func readWindow(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ input: Value
) throws -> WindowReader {
  let shape = graph.shape(input)
  guard shape.rank >= 3 else { throw node.invalid("needs at least 3 dimensions, not \(shape.rank)") }
  guard shape.rank <= 4 else {
    throw node.unsupported("\(shape.rank - 2) spatial axes are not supported, only 1 to 3")
  }
  guard let kernel = try node.attributes.ints("kernel_shape"), kernel.count == shape.rank - 2 else {
    throw node.invalid("needs kernel_shape with \(shape.rank - 2) entries")
  }
  return try WindowReader(node, kernel: kernel, input: Array(shape.dimensions[2...]))
}

@Sendable private func importMaxPool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let input = try node.input(0)
  let isColumnMajor = try node.attributes.flag("storage_order")
  var results: [Value]
  if graph.shape(input).rank == 5 {
    let window = try readVolumeWindow(node, graph, input)
    results = [try graph.pooledVolume(input, window, node) { try maxPool(graph, $0, $1) }]
  } else {
    let window = try readWindow(node, graph, input)
    let result = try maxPool(graph, try graph.imageLast(input), window)
    results = [try graph.imageFirst(result, rank: graph.shape(input).rank)]
  }
  if node.wants(output: 1) {
    let kernel = try node.attributes.ints("kernel_shape") ?? []
    let axes = try WindowAxes(
      node, kernel: kernel, input: Array(graph.shape(input).dimensions[2...]))
    var indices = MaxPoolIndices()
    (indices.kernel, indices.stride, indices.dilation) = (axes.kernel, axes.stride, axes.dilation)
    indices.before = axes.before
    indices.after = zip(axes.after, axes.overhang).map { $0 + $1 }
    indices.isColumnMajor = isColumnMajor
    results.append(try graph.emit(indices, [try graph.plain(input)]))
  }
  return results
}

private func maxPool(
  _ graph: GraphBuilder, _ image: Value, _ window: WindowReader
) throws -> Value {
  var pool = MaxPool2D()
  pool.kernel = window.kernel
  pool.stride = window.stride
  pool.dilation = window.dilation
  pool.pad = window.extendedPad
  return try graph.emit(pool, [image])
}

private func readVolumeWindow(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ input: Value
) throws -> VolumeWindow {
  guard let kernel = try node.attributes.ints("kernel_shape"), kernel.count == 3 else {
    throw node.invalid("needs kernel_shape with 3 entries")
  }
  let shape = try graph.staticShape(input, "the operand")
  return try VolumeWindow(node, kernel: kernel, input: Array(shape.dimensions[2...]))
}

@Sendable private func importAveragePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let input = try graph.plain(try node.input(0))
  if graph.shape(input).rank == 5 {
    let window = try readVolumeWindow(node, graph, input)
    // The mean over a box is the mean of means.
    let countsPadding = try node.attributes.flag("count_include_pad")
    return [
      try graph.pooledVolume(input, window, node) {
        try graph.dilatedAverage($0, $1, countsPadding: countsPadding)
      }
    ]
  }
  let image = try averagePool(node, graph, input)
  return [try graph.imageFirst(image, rank: graph.shape(input).rank)]
}

/// The average pool of an NCHW value, as NHWC.
func averagePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ input: Value
) throws -> Value {
  let window = try readWindow(node, graph, input)
  let countsPadding = try node.attributes.flag("count_include_pad")
  if window.dilation != [1, 1] {
    return try graph.dilatedAverage(
      try graph.imageLast(input), window, countsPadding: countsPadding)
  }
  var image = try graph.imageLast(input)
  var pool = AveragePool2D()
  pool.kernel = window.kernel
  pool.stride = window.stride
  pool.pad = window.extendedPad
  pool.countPadding = countsPadding
  if countsPadding && window.overhang != [0, 0] {
    // The declared padding counts, what ceil_mode adds behind it does not.
    let pad = window.pad
    image = try graph.emit(
      Pad(before: [0, pad[0], pad[2], 0], after: [0, pad[1], pad[3], 0]), [image])
    pool.pad = [0, window.overhang[0], 0, window.overhang[1]]
    pool.countPadding = false
  }
  return try graph.emit(pool, [image])
}

/// A channels-last reduction over all spatial axes, back in channels-first order.
func reduceSpatial(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ input: Value,
  quantization: Quantization? = nil, _ make: ([Int]) -> any Operation
) throws -> Value {
  let rank = graph.shape(input).rank
  guard rank >= 3 else { throw node.invalid("needs at least 3 dimensions, not \(rank)") }
  let reduced = try graph.emit(
    make(Array(1..<(rank - 1))), [try graph.channelsLast(input)], quantization: quantization)
  return try graph.channelsFirst(reduced)
}

@Sendable private func importGlobalAveragePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let input = try graph.plain(try node.input(0))
  return [
    try reduceSpatial(node, graph, input) { axes in
      var mean = ReduceMean()
      mean.axes = axes
      return mean
    }
  ]
}

@Sendable private func importGlobalMaxPool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  return [
    try reduceSpatial(node, graph, try node.input(0)) { axes in
      var maximum = ReduceMax()
      maximum.axes = axes
      return maximum
    }
  ]
}

/// `(Σ |x|^p)^(1/p)` under a window.
@Sendable private func importLpPool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let p = Double(try node.attributes.int("p", default: 2))
  guard p >= 1 else { throw node.invalid("needs p of at least 1") }
  let e = Expression(graph, graph.type(x).element)
  let powers = try e.binary(Power(), try e.magnitude(x), e.number(p))
  let sum: Value
  if graph.shape(x).rank == 5 {
    let window = try readVolumeWindow(node, graph, x)
    sum = try graph.pooledVolume(powers, window, node) { try windowSum(graph, $0, $1) }
  } else {
    let window = try readWindow(node, graph, x)
    let image = try windowSum(graph, try graph.imageLast(powers), window)
    sum = try graph.imageFirst(image, rank: graph.shape(x).rank)
  }
  return [try e.binary(Power(), sum, e.number(1 / p))]
}

/// The sum under a window: a depthwise convolution with ones.
private func windowSum(
  _ graph: GraphBuilder, _ image: Value, _ window: WindowReader
) throws -> Value {
  var total = DepthwiseConv2D()
  total.stride = window.stride
  total.dilation = window.dilation
  total.pad = window.extendedPad
  let ones = try graph.broadcast(
    graph.scalar(1, graph.type(image).element),
    to: [1, window.kernel[0], window.kernel[1], graph.shape(image)[3]])
  return try graph.emit(total, [image, ones])
}

/// `(Σ |x|^p)^(1/p)` over all spatial axes.
@Sendable private func importGlobalLpPool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let rank = graph.shape(x).rank
  let p = Double(try node.attributes.int("p", default: 2))
  guard p >= 1, rank >= 3 else { throw node.invalid("needs p of at least 1 and 3 dimensions") }
  let e = Expression(graph, graph.type(x).element)
  let powers = try e.binary(Power(), try e.magnitude(x), e.number(p))
  return [try e.binary(Power(), try e.sum(powers, Array(2..<rank)), e.number(1 / p))]
}
