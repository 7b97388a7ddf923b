import IR

let onnxSamplingOperators: [ONNXOperator] = [
  ONNXOperator("GridSample", since: 16, inputs: 2, importGridSample),
  ONNXOperator("AffineGrid", since: 20, inputs: 2, importAffineGrid),
  ONNXOperator("RoiAlign", since: 10, inputs: 3, importRoiAlign),
  ONNXOperator("DeformConv", since: 19, inputs: 3...5, importDeformConv),
  ONNXOperator("Col2Im", since: 18, inputs: 3, importCol2Im),
]

@Sendable private func importGridSample(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var operation = GridSample()
  switch try node.attributes.string("mode") ?? "linear" {
  case "linear", "bilinear": operation.mode = .linear
  case "cubic", "bicubic": operation.mode = .cubic
  case "nearest": operation.mode = .nearest
  case let other: throw node.invalid("mode '\(other)' is not known")
  }
  let padding = try node.attributes.string("padding_mode") ?? "zeros"
  guard let known = GridSample.Padding(rawValue: padding) else {
    throw node.invalid("padding_mode '\(padding)' is not known")
  }
  operation.padding = known
  operation.places = try node.attributes.flag("align_corners") ? .centres : .edges
  let image = try graph.channelsLast(try graph.plain(try node.input(0)))
  return [try graph.channelsFirst(try graph.emit(operation, [image, try node.input(1)]))]
}

/// Each image's matrix times the places (x, y, …, 1) of a regular grid over −1 … 1.
@Sendable private func importAffineGrid(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let matrices = try graph.plain(try node.input(0))
  let size = try graph.integers(try node.input(1), "the size")
  let toCorners = try node.attributes.flag("align_corners")
  let extents = Array(size.dropFirst(2))
  let count = Shape(extents).checkedCount ?? Int.max
  guard (2...3).contains(extents.count), extents.allSatisfy({ $0 >= 1 }),
    count <= GraphBuilder.tableLimit / 32
  else { throw node.invalid("cannot make a grid for \(size)") }
  let strides = Shape(extents).strides
  var places: [Double] = []
  for axis in extents.indices.reversed() {
    let extent = Double(extents[axis])
    for place in 0..<count {
      let step = Double(place / strides[axis] % extents[axis])
      let atCorner = extents[axis] == 1 ? -1 : 2 * step / (extent - 1) - 1
      places.append(toCorners ? atCorner : (2 * step + 1) / extent - 1)
    }
  }
  places += [Double](repeating: 1, count: count)
  let element = graph.type(matrices).element
  let grid = graph.constant(Tensor.from(doubles: places, element, [extents.count + 1, count]))
  let moved = try graph.emit(MatMul(), [matrices, grid])
  return [
    try graph.reshape(
      try graph.transpose(moved, [0, 2, 1]), [size[0]] + extents + [extents.count])
  ]
}

/// Before opset 16 element centres lie at whole numbers.
@Sendable private func importRoiAlign(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var operation = RegionAlign()
  operation.size = [
    try node.attributes.int("output_height", default: 1),
    try node.attributes.int("output_width", default: 1),
  ]
  operation.samples = try node.attributes.int("sampling_ratio", default: 0)
  operation.scale = try node.attributes.float("spatial_scale", default: 1)
  let frame = try node.attributes.string("coordinate_transformation_mode")
  operation.halfPixel = node.opset >= 16 && frame != "output_half_pixel"
  switch try node.attributes.string("mode") ?? "avg" {
  case "avg": operation.mode = .average
  case "max": operation.mode = .maximum
  case let other: throw node.invalid("mode '\(other)' is not known")
  }
  let image = try graph.channelsLast(try graph.plain(try node.input(0)))
  let result = try graph.emit(operation, [image, try node.input(1), try node.input(2)])
  return [try graph.channelsFirst(result)]
}

/// The image sampled at each tap's moved place, times the mask, then a convolution by 1×1 over
/// channels and taps. Source: arXiv 1703.06211, 1811.11168.
@Sendable private func importDeformConv(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let weights = try graph.plain(try node.input(1))
  let offsets = try graph.plain(try node.input(2))
  let shape = try graph.staticShape(x, "the image")
  let filter = try graph.staticShape(weights, "the weights")
  let moves = try graph.staticShape(offsets, "the offsets")
  let parts = try node.attributes.int("offset_group", default: 1)
  let groups = try node.attributes.int("group", default: 1)
  guard shape.rank == 4, filter.rank == 4, moves.rank == 4 else {
    throw node.unsupported("only two spatial axes are supported")
  }
  let taps = filter[2] * filter[3]
  guard parts >= 1, groups >= 1, shape[1] % parts == 0, shape[1] == filter[1] * groups,
    filter[0] % groups == 0, moves[1] == 2 * taps * parts, moves[0] == shape[0]
  else { throw node.invalid("\(shape), \(filter) and offsets \(moves) do not fit") }
  let window = try WindowReader(
    node, kernel: Array(filter.dimensions[2...]), input: Array(shape.dimensions[2...]))
  let (rows, columns, images) = (moves[2], moves[3], shape[0] * parts)
  // Places as [image, row, column, tap, (x, y)], from offsets as (y, x).
  let moved = try graph.transpose(
    try graph.reshape(offsets, [images, taps, 2, rows, columns]), [0, 3, 4, 1, 2])
  let turned = try graph.emit(
    Slice(
      start: [0, 0, 0, 0, 1], size: [images, rows, columns, taps, 2], stride: [1, 1, 1, 1, -1]),
    [moved])
  let element = graph.type(offsets).element
  let origin = try origins(node, graph, window, rows, columns, element)
  let places = try graph.emit(Add(), [turned, origin])
  let channels = shape[1] / parts
  let apart = try graph.reshape(x, [images, channels, shape[2], shape[3]])
  var sample = GridSample()
  sample.places = .pixels
  var sampled = try graph.emit(
    sample,
    [
      try graph.channelsLast(apart),
      try graph.reshape(places, [images, rows, columns * taps, 2]),
    ])
  sampled = try graph.reshape(sampled, [images, rows, columns, taps, channels])
  if let mask = node.optional(4) {
    let factors = try graph.transpose(
      try graph.reshape(try graph.plain(mask), [images, taps, rows, columns, 1]), [0, 2, 3, 1, 4])
    sampled = try graph.emit(Multiply(), [sampled, factors])
  }
  let together = try graph.transpose(
    try graph.reshape(sampled, [shape[0], parts, rows, columns, taps, channels]),
    [0, 2, 3, 1, 5, 4])
  var convolution = Conv2D()
  convolution.groups = groups
  let operands = [
    try graph.reshape(together, [shape[0], rows, columns, shape[1] * taps]),
    try graph.reshape(weights, [filter[0], 1, 1, filter[1] * taps]),
  ]
  let bias = try node.optional(3).map { [try graph.plain($0)] } ?? []
  return [try graph.channelsFirst(try graph.emit(convolution, operands + bias))]
}

/// Where each tap lies without its offset, [1, row, column, tap, (x, y)].
private func origins(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ window: WindowReader, _ rows: Int,
  _ columns: Int, _ element: ElementType
) throws -> Value {
  let (height, width) = (window.kernel[0], window.kernel[1])
  let extents = Shape([1, rows, columns, height * width, 2])
  guard let count = extents.checkedCount, count <= GraphBuilder.tableLimit / 32 else {
    throw node.invalid("is too large")
  }
  let numbers = (0..<count).map { index -> Double in
    let tap = index / 2 % (height * width)
    let column = index / (2 * height * width) % columns
    let row = index / (2 * height * width * columns)
    let x = column * window.stride[1] - window.pad[2] + tap % width * window.dilation[1]
    let y = row * window.stride[0] - window.pad[0] + tap / width * window.dilation[0]
    return Double(index % 2 == 0 ? x : y)
  }
  return graph.constant(Tensor.from(doubles: numbers, element, extents))
}

/// Adds every column's elements to their places in the image; what falls into the padding goes to
/// one more element, which is cut off.
@Sendable private func importCol2Im(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let image = try graph.integers(try node.input(1), "the image's shape")
  let block = try graph.integers(try node.input(2), "the block's shape")
  let axes = image.count
  func list(_ name: String, _ value: Int, _ count: Int) throws -> [Int] {
    let given = try node.attributes.ints(name) ?? [Int](repeating: value, count: count)
    guard given.count == count, given.allSatisfy({ (value...(1 << 24)).contains($0) }) else {
      throw node.invalid("\(name) \(given) does not fit \(axes) axes")
    }
    return given
  }
  let dilation = try list("dilations", 1, axes)
  let step = try list("strides", 1, axes)
  let pad = try list("pads", 0, 2 * axes)
  guard axes >= 1, block.count == axes,
    (image + block).allSatisfy({ (1...(1 << 24)).contains($0) }),
    shape.rank == 3, let taps = Shape(block).checkedCount, let size = Shape(image).checkedCount,
    shape[1] % taps == 0, size <= 1 << 32
  else { throw node.invalid("\(shape) does not fit an image \(image) in blocks \(block)") }
  let positions = (0..<axes).map { (axis: Int) -> Int in
    let reach: Int = dilation[axis] * (block[axis] - 1) + 1
    let padded: Int = image[axis] + pad[axis] + pad[axis + axes]
    return (padded - reach) / step[axis] + 1
  }
  guard positions.allSatisfy({ $0 >= 1 }), Shape(positions).checkedCount == shape[2],
    taps * shape[2] <= GraphBuilder.tableLimit / 32
  else { throw node.invalid("\(shape[2]) columns where \(positions) fit") }
  let strides = (Shape(image).strides, Shape(block).strides, Shape(positions).strides)
  let places = (0..<(taps * shape[2])).map { number -> Int in
    var offset = 0
    for axis in 0..<axes {
      let tap = number / shape[2] / strides.1[axis] % block[axis]
      let position = number % shape[2] / strides.2[axis] % positions[axis]
      let place = position * step[axis] - pad[axis] + tap * dilation[axis]
      guard (0..<image[axis]).contains(place) else { return size }
      offset += place * strides.0[axis]
    }
    return offset
  }
  let planes = shape[0] * shape[1] / taps
  let element = graph.type(x).element
  let empty = try graph.broadcast(graph.scalar(0, element), to: [planes, size + 1])
  let rows = try graph.broadcast(
    graph.constant(Tensor(integers: places)), to: [planes, places.count])
  var scatter = ScatterElements()
  scatter.axis = 1
  scatter.mode = .add
  let summed = try graph.emit(
    scatter, [empty, rows, try graph.reshape(x, [planes, places.count])])
  let kept = try graph.emit(Slice(start: [0, 0], size: [planes, size]), [summed])
  return [try graph.reshape(kept, [shape[0], shape[1] / taps] + image)]
}
