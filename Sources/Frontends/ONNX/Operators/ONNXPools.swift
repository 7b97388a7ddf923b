import IR

let onnxPoolingOperators: [ONNXOperator] = [
  ONNXOperator("MaxPool", inputs: 1, importMaxPool),
  ONNXOperator("AveragePool", inputs: 1, importAveragePool),
  ONNXOperator("GlobalAveragePool", inputs: 1, importGlobalAveragePool),
  ONNXOperator("GlobalMaxPool", inputs: 1, importGlobalMaxPool),
  ONNXOperator("LpPool", since: 2, inputs: 1, importLpPool),
]

/// Reads a pool's window; refuses what has no core form.
private func readWindow(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ input: Value
) throws -> WindowReader {
  let shape = graph.shape(input)
  guard shape.rank >= 3 else { throw node.invalid("needs at least 3 dimensions, not \(shape.rank)") }
  guard shape.rank <= 4 else {
    throw node.unsupported("\(shape.rank - 2) spatial axes are not supported, only 1 and 2")
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
  let window = try readWindow(node, graph, input)
  _ = try node.attributes.int("storage_order")
  var pool = MaxPool2D()
  pool.kernel = window.kernel
  pool.stride = window.stride
  pool.dilation = window.dilation
  pool.pad = window.extendedPad
  let result = try graph.emit(pool, [try graph.imageLast(input)])
  return [try graph.imageFirst(result, rank: graph.shape(input).rank)]
}

@Sendable private func importAveragePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let input = try graph.plain(try node.input(0))
  let image = try averagePool(node, graph, input)
  return [try graph.imageFirst(image, rank: graph.shape(input).rank)]
}

/// The average pool of an NCHW value, as NHWC.
func averagePool(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ input: Value
) throws -> Value {
  let window = try readWindow(node, graph, input)
  guard window.dilation == [1, 1] else {
    throw node.unsupported("dilations are not supported")
  }
  let countsPadding = try node.attributes.flag("count_include_pad")
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

/// `(Σ |x|^p)^(1/p)` under a window: an average times the window's size.
@Sendable private func importLpPool(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let window = try readWindow(node, graph, x)
  guard window.dilation == [1, 1] else { throw node.unsupported("dilations are not supported") }
  let p = Double(try node.attributes.int("p", default: 2))
  guard p >= 1 else { throw node.invalid("needs p of at least 1") }
  let e = Expression(graph, graph.type(x).element)
  let powers = try e.binary(Power(), try e.magnitude(x), e.number(p))
  var pool = AveragePool2D()
  pool.kernel = window.kernel
  pool.stride = window.stride
  pool.pad = window.extendedPad
  pool.countPadding = true
  let mean = try graph.emit(pool, [try graph.imageLast(powers)])
  let sum = try e.multiply(mean, e.number(Double(window.kernel[0] * window.kernel[1])))
  let norm = try e.binary(Power(), sum, e.number(1 / p))
  return [try graph.imageFirst(norm, rank: graph.shape(x).rank)]
}
