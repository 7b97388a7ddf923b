import IR

// Operators of com.microsoft that move, pick or measure. Source: ONNX Runtime,
// `docs/ContribOperators.md`.

private let ms = ONNXOperator.microsoft

let contribMovementOperators: [ONNXOperator] = [
  renamed("Trilu", inputs: 1...2), renamed("GridSample", inputs: 2...2),
  renamed("GatherND", inputs: 2...2),
  ONNXOperator("Range", inputs: 2...3, domain: ms) { node, graph in
    let start = try node.input(0)
    let step = try node.optional(2) ?? graph.scalar(1, graph.type(start).element)
    let scalars = try [start, try node.input(1), step].map { try graph.reshape($0, []) }
    return try node.imported(as: "Range", scalars, graph)
  },
  ONNXOperator("Pad", inputs: 2...3, domain: ms) { node, graph in
    var pads = try node.input(1)
    if graph.shape(pads).rank == 2 { pads = try graph.reshape(pads, [graph.shape(pads)[1]]) }
    let filler = try node.optional(2).map { try graph.reshape($0, []) }
    return try node.imported(as: "Pad", [try node.input(0), pads, filler], graph)
  },
  ONNXOperator("ExpandDims", inputs: 2, domain: ms) { node, graph in
    let axes = try graph.reshape(try node.input(1), [1])
    return try node.imported(as: "Unsqueeze", [try node.input(0), axes], graph)
  },
  ONNXOperator("Unique", inputs: 1, domain: ms) { node, graph in
    var operation = Unique()
    operation.isSorted = false
    let results = try graph.emitAll(operation, [try graph.plain(try node.input(0))])
    return [results[0], results[2], results[3]]
  },
  ONNXOperator("IsAllFinite", inputs: 1...Int.max, domain: ms, importIsAllFinite),
  ONNXOperator("ComplexMul", inputs: 2, domain: ms) { node, graph in
    [try complexProduct(node, graph, conjugates: false)]
  },
  ONNXOperator("ComplexMulConj", inputs: 2, domain: ms) { node, graph in
    [try complexProduct(node, graph, conjugates: true)]
  },
  ONNXOperator("CDist", inputs: 2, domain: ms, importDistances),
  ONNXOperator("TorchEmbedding", inputs: 2...4, domain: ms) { node, graph in
    [try graph.emit(Gather(axis: 0), [try node.input(0), try graph.plain(try node.input(1))])]
  },
  ONNXOperator("ScaledSiLU", inputs: 1...2, domain: ms) { node, graph in
    let x = try graph.plain(try node.input(0))
    let e = Expression(graph, graph.type(x).element)
    let alpha = try node.attributes.float("alpha", default: 1)
    let scaled = try node.optional(1).map { try e.multiply(x, try graph.plain($0)) } ?? x
    return [try e.swish(scaled, alpha)]
  },
  ONNXOperator("CropAndResize", inputs: 4, domain: ms, importCropAndResize),
]

/// ONNX's operator of the same name.
private func renamed(_ name: String, inputs: ClosedRange<Int>) -> ONNXOperator {
  ONNXOperator(name, inputs: inputs, domain: ms) { node, graph in
    try node.imported(as: name, node.inputs.indices.map { node.optional($0) }, graph)
  }
}

/// Whether no element of any operand is infinite or NaN.
@Sendable private func importIsAllFinite(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let skipsNaN = try node.attributes.flag("isinf_only")
  let skipsInfinity = try node.attributes.flag("isnan_only")
  var isBad: [Value] = []
  for x in try node.allInputs() {
    let e = Expression(graph, graph.type(try graph.plain(x)).element)
    var found: Value?
    if !skipsNaN { found = try graph.emit(IsNaN(), [x]) }
    if !skipsInfinity {
      let isInfinite = try e.binary(
        Equal(), try e.unary(Absolute(), x), e.number(.infinity))
      found = try found.map { try graph.emit(BitwiseOr(), [$0, isInfinite]) } ?? isInfinite
    }
    guard let found else { continue }
    var largest = ReduceMax()
    largest.axes = Array(0..<graph.shape(x).rank)
    largest.keepDimensions = false
    isBad.append(try graph.emit(largest, [try graph.emit(Cast(to: .i32), [found])]))
  }
  guard let first = isBad.first else { throw node.invalid("looks for nothing") }
  let worst = try isBad.dropFirst().reduce(first) { try graph.emit(Maximum(), [$0, $1]) }
  return [try graph.emit(Equal(), [worst, graph.scalar(0, .i32)])]
}

/// `(a + bi) · (c + di)`, or with `(c − di)`; the last axis holds both parts.
private func complexProduct(
  _ node: SourceNodeReader, _ graph: GraphBuilder, conjugates: Bool
) throws -> Value {
  let operands = try node.allInputs().map { try graph.plain($0) }
  let e = Expression(graph, graph.type(operands[0]).element)
  let (a, b) = (
    try graph.columns(operands[0], 0, 1, node), try graph.columns(operands[0], 1, 1, node)
  )
  let (c, d) = (
    try graph.columns(operands[1], 0, 1, node), try graph.columns(operands[1], 1, 1, node)
  )
  let (ac, bd) = (try e.multiply(a, c), try e.multiply(b, d))
  let (ad, bc) = (try e.multiply(a, d), try e.multiply(b, c))
  let real = conjugates ? try e.add(ac, bd) : try e.subtract(ac, bd)
  let imaginary = conjugates ? try e.subtract(bc, ad) : try e.add(ad, bc)
  return try graph.emit(Concat(axis: -1), [real, imaginary])
}

/// Distances between the rows of two matrices.
@Sendable private func importDistances(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let (a, b) = (try graph.plain(try node.input(0)), try graph.plain(try node.input(1)))
  let (left, right) = (graph.shape(a), graph.shape(b))
  guard left.rank == 2, right.rank == 2 else { throw node.invalid("needs two matrices") }
  let e = Expression(graph, graph.type(a).element)
  let difference = try e.subtract(
    try graph.reshape(a, [left[0], 1, left[1]]), try graph.reshape(b, [1, right[0], right[1]]))
  var sum = ReduceSum()
  sum.axes = [2]
  sum.keepDimensions = false
  let squares = try e.unary(sum, try e.multiply(difference, difference))
  switch try node.attributes.string("metric") ?? "sqeuclidean" {
  case "sqeuclidean": return [squares]
  case "euclidean": return [try e.unary(SquareRoot(), squares)]
  case let other: throw node.invalid("metric '\(other)' is not known")
  }
}

/// Boxes of images, resized to one size: a grid of places for each box, sampled.
///
/// Boxes are `[y1, x1, y2, x2]` in units of the image's corners; places outside take a constant.
@Sendable private func importCropAndResize(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the images")
  let size = try graph.integers(try node.input(3), "the crop size")
  let boxes = try graph.plain(try node.input(1))
  let count = try graph.staticShape(boxes, "the boxes")[0]
  guard shape.rank == 4, size.count == 2, size.allSatisfy({ (1...(1 << 14)).contains($0) }),
    graph.shape(boxes) == [count, 4]
  else { throw node.invalid("cannot cut \(shape) to \(size)") }
  let fill = Double(try node.attributes.float("extrapolation_value", default: 0))
  let e = Expression(graph, graph.type(x).element)
  /// Places along one axis, `[boxes, extent]`, in pixels.
  func places(_ axis: Int) throws -> Value {
    let pixels = Double(shape[axis + 2] - 1)
    let low = try graph.columns(boxes, axis, 1, node)
    let high = try graph.columns(boxes, axis + 2, 1, node)
    guard size[axis] > 1 else {
      return try e.multiply(try e.add(low, high), e.number(0.5 * pixels))
    }
    let steps = (0..<size[axis]).map { Double($0) / Double(size[axis] - 1) }
    let ladder = graph.constant(Tensor.from(doubles: steps, e.element, [1, size[axis]]))
    let inside = try e.add(low, try e.multiply(try e.subtract(high, low), ladder))
    return try e.multiply(inside, e.number(pixels))
  }
  let images = try graph.channelsLast(
    try graph.emit(Gather(axis: 0), [x, try graph.plain(try node.input(2))]))
  var (rows, columns) = (try places(0), try places(1))
  let mode = try node.attributes.string("mode") ?? "bilinear"
  let (exactRows, exactColumns) = (rows, columns)
  if mode == "nearest" {
    // Halves go up here, and to the even neighbour in the sampling below.
    rows = try e.unary(Floor(), try e.add(rows, e.number(0.5)))
    columns = try e.unary(Floor(), try e.add(columns, e.number(0.5)))
  }
  func normal(_ place: Value, _ axis: Int, _ extents: [Int]) throws -> Value {
    // −1 … 1 from centre to centre.
    let half = max(Double(shape[axis + 2] - 1) / 2, 0.5)
    let scaled = try e.subtract(try e.divide(place, e.number(half)), e.number(1))
    return try graph.broadcast(
      try graph.reshape(scaled, extents), to: [count, size[0], size[1], 1])
  }
  let grid = try graph.emit(
    Concat(axis: 3),
    [
      try normal(columns, 1, [count, 1, size[1], 1]), try normal(rows, 0, [count, size[0], 1, 1]),
    ])
  var sample = GridSample()
  switch mode {
  case "bilinear": sample.mode = .linear
  case "nearest": sample.mode = .nearest
  case let other: throw node.invalid("mode '\(other)' is not known")
  }
  guard let edge = GridSample.Padding(rawValue: "border") else {
    throw node.unsupported("sampling at the edge")
  }
  sample.padding = edge
  sample.places = .centres
  let sampled = try graph.channelsFirst(try graph.emit(sample, [images, grid]))
  func isInside(_ place: Value, _ axis: Int, _ extents: [Int]) throws -> Value {
    let last = e.number(Double(shape[axis + 2] - 1))
    let both = try graph.emit(
      BitwiseAnd(),
      [
        try e.binary(LessOrEqual(), e.number(0), place),
        try e.binary(LessOrEqual(), place, last),
      ])
    return try graph.reshape(both, extents)
  }
  let kept = try graph.emit(
    BitwiseAnd(),
    [
      try isInside(exactRows, 0, [count, 1, size[0], 1]),
      try isInside(exactColumns, 1, [count, 1, 1, size[1]]),
    ])
  return [try graph.emit(Select(), [kept, sampled, e.number(fill)])]
}
