import IR

let onnxGeneratorOperators: [ONNXOperator] = [
  ONNXOperator("Range", since: 11, inputs: 3, importRange),
  ONNXOperator("EyeLike", since: 9, inputs: 1, importEyeLike),
  ONNXOperator("Trilu", since: 14, inputs: 1...2, importTrilu),
  ONNXOperator("Tile", since: 6, inputs: 2, importTile),
  ONNXOperator("CenterCropPad", since: 18, inputs: 2, importCenterCropPad),
]

/// `start, start + delta, …` below `limit`; all three must be constants.
@Sendable private func importRange(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  _ = try node.attributes.int("stash_type")
  let bounds = try node.allInputs().map { value -> Tensor in
    guard let tensor = graph.constant(value), tensor.count == 1 else {
      throw node.unsupported("its bounds depend on the model's inputs")
    }
    return tensor
  }
  let element = bounds[0].element
  let limit = Double(GraphBuilder.tableLimit / 8)
  if element.isFloat {
    let numbers = bounds.map { $0.doubles()[0] }
    guard numbers[2] != 0 else { throw node.invalid("a step of 0") }
    let count = max(((numbers[1] - numbers[0]) / numbers[2]).rounded(.up), 0)
    guard count <= limit else { throw node.invalid("\(count) elements are too many") }
    let list = (0..<Int(count)).map { numbers[0] + Double($0) * numbers[2] }
    return [graph.constant(Tensor.from(doubles: list, element, [list.count]))]
  }
  let numbers = bounds.map { $0.integers()[0] }
  guard numbers[2] != 0, numbers.allSatisfy({ abs(Double($0)) < 4e18 }) else {
    throw node.invalid("cannot count from \(numbers[0]) to \(numbers[1]) by \(numbers[2])")
  }
  let span = numbers[1] - numbers[0]
  let count = max(Int((Double(span) / Double(numbers[2])).rounded(.up)), 0)
  guard Double(count) <= limit else { throw node.invalid("\(count) elements are too many") }
  let list = (0..<count).map { numbers[0] + $0 * numbers[2] }
  return [graph.constant(Tensor.from(integers: list, element, [count]))]
}

@Sendable private func importEyeLike(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = try graph.staticShape(x, "the operand")
  guard shape.rank == 2, shape.count <= GraphBuilder.tableLimit / 8 else {
    throw node.invalid("needs a matrix, not \(shape)")
  }
  let k = try node.attributes.int("k", default: 0)
  let element = try node.attributes.elementType("dtype") ?? graph.type(x).element
  let values = (0..<shape.count).map { index -> Int in
    let (row, column) = (index / max(shape[1], 1), index % max(shape[1], 1))
    return Double(column) - Double(row) == Double(k) ? 1 : 0
  }
  return [graph.constant(Tensor.from(integers: values, element, shape))]
}

/// Keeps one triangle of the last two axes, by a constant mask.
@Sendable private func importTrilu(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  guard shape.rank >= 2 else { throw node.invalid("needs a matrix, not \(shape)") }
  let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
  let k = try graph.optionalIntegers(node.optional(1), "k")?.first ?? 0
  let keepsUpper = try node.attributes.flag("upper", default: true)
  guard rows * columns <= GraphBuilder.tableLimit / 8 else { throw node.invalid("is too large") }
  let mask = (0..<(rows * columns)).map { index -> Int in
    let distance = Double(index % columns) - Double(index / columns)
    return keepsUpper ? (distance >= Double(k) ? 1 : 0) : (distance <= Double(k) ? 1 : 0)
  }
  let kept = graph.constant(Tensor.from(integers: mask, .bool, [rows, columns]))
  let zero = graph.constant(Tensor.from(integers: [0], graph.type(x).element, .scalar))
  return [try graph.emit(Select(), [kept, x, zero])]
}

/// Every axis gets a new axis in front that is broadcast, and is then joined with it.
@Sendable private func importTile(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = try graph.staticShape(x, "the operand")
  let repeats = try graph.integers(try node.input(1), "the repeats")
  guard repeats.count == shape.rank, repeats.allSatisfy({ (0...(1 << 31)).contains($0) }),
    2 * shape.rank <= TensorReader.maximumRank
  else { throw node.invalid("repeats \(repeats) do not fit \(shape)") }
  guard repeats.contains(where: { $0 != 1 }) else { return [x] }
  let apart = shape.dimensions.flatMap { [1, $0] }
  let wide = zip(repeats, shape.dimensions).flatMap { [$0, $1] }
  guard Shape(wide).checkedCount != nil else { throw node.invalid("is too large") }
  let repeated = try graph.broadcast(try graph.reshape(x, apart), to: Shape(wide))
  return [try graph.reshape(repeated, zip(repeats, shape.dimensions).map { $0 * $1 })]
}

/// Cuts or pads around the middle.
@Sendable private func importCenterCropPad(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let target = try graph.integers(try node.input(1), "the shape")
  let axes = try normalized(
    try node.attributes.ints("axes") ?? Array(0..<shape.rank), rank: shape.rank, node)
  guard axes.count == target.count, target.allSatisfy({ (0...(1 << 31)).contains($0) }) else {
    throw node.invalid("the shape \(target) does not fit \(axes.count) axes")
  }
  var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
  var pad = Pad(
    before: [Int](repeating: 0, count: shape.rank), after: [Int](repeating: 0, count: shape.rank))
  for (axis, extent) in zip(axes, target) {
    let difference = extent - shape[axis]
    if difference < 0 {
      slice.start[axis] = -difference / 2
      slice.size[axis] = extent
    } else {
      pad.before[axis] = difference / 2
      pad.after[axis] = difference - difference / 2
    }
  }
  let cut = try graph.slice(x, slice, node)
  return [try graph.emit(pad, [cut])]
}
