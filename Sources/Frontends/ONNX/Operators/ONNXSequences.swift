import IR

// Sequences are lists of values at import: their operators make no operations of their own.
//
// Source: ONNX `Operators.md`.

let onnxSequenceOperators: [ONNXOperator] = [
  ONNXOperator("SequenceConstruct", since: 11, inputs: 1...Int.max, structured: { node, _ in
    [.sequence(try node.allInputs().map { .tensor($0) })]
  }),
  ONNXOperator("SequenceEmpty", since: 11, inputs: 0...0, structured: { node, _ in
    _ = try node.attributes.int("dtype")
    return [.sequence([])]
  }),
  ONNXOperator("SequenceLength", since: 11, inputs: 1...1, structured: { node, graph in
    [.tensor(graph.constant(Tensor(scalar: Int64(try node.sequence(0).count))))]
  }),
  ONNXOperator("SequenceAt", since: 11, inputs: 2...2, structured: { node, graph in
    let elements = try node.sequence(0)
    return [elements[try position(1, in: elements.count, node, graph)]]
  }),
  ONNXOperator("SequenceInsert", since: 11, inputs: 2...3, structured: importInsert),
  ONNXOperator("SequenceErase", since: 11, inputs: 1...2, structured: importErase),
  ONNXOperator("SplitToSequence", since: 11, inputs: 1...2, structured: importSplitToSequence),
  ONNXOperator("ConcatFromSequence", since: 11, inputs: 1...1, structured: importConcatenation),
]

/// The place that input `index` gives, counted from the end where it is negative.
private func position(
  _ index: Int, in count: Int, _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> Int {
  let given = try graph.integers(try node.input(index), "the position")
  guard given.count == 1, (-count..<count).contains(given[0]) else {
    throw node.invalid("has no position \(given) in a sequence of \(count)")
  }
  return given[0] < 0 ? given[0] + count : given[0]
}

@Sendable private func importInsert(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [ONNXValue] {
  var elements = try node.sequence(0)
  let element = ONNXValue.tensor(try node.input(1))
  elements.insert(element, at: try insertionPlace(elements.count, node, graph))
  return [.sequence(elements)]
}

/// Before the element at the given position; behind the last where none is given.
private func insertionPlace(
  _ count: Int, _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> Int {
  guard let given = try graph.optionalIntegers(node.optional(2), "the position")?.first,
    given != count
  else { return count }
  return try position(2, in: count, node, graph)
}

@Sendable private func importErase(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [ONNXValue] {
  var elements = try node.sequence(0)
  guard !elements.isEmpty else { throw node.invalid("its sequence is empty") }
  let place = node.optional(1) == nil
    ? elements.count - 1 : try position(1, in: elements.count, node, graph)
  elements.remove(at: place)
  return [.sequence(elements)]
}

@Sendable private func importSplitToSequence(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [ONNXValue] {
  let x = try node.input(0)
  let shape = try graph.staticShape(x, "the operand")
  let axis = try normalized(
    [try node.attributes.int("axis", default: 0)], rank: shape.rank, node)[0]
  let keeps = try node.attributes.flag("keepdims", default: true)
  let split = node.optional(1)
  var sizes = [Int](repeating: 1, count: shape[axis])
  if let split {
    let given = try graph.integers(split, "split")
    sizes = graph.shape(split).rank == 0
      ? try chunks(of: given.first ?? 0, shape[axis], node) : given
  }
  var parts = try graph.split(x, axis: axis, sizes, node)
  if split == nil, !keeps {
    var extents = shape.dimensions
    extents.remove(at: axis)
    parts = try parts.map { try graph.reshape($0, extents) }
  }
  return [.sequence(parts.map { .tensor($0) })]
}

/// As many chunks of `size` as fit, and one with the rest.
private func chunks(of size: Int, _ extent: Int, _ node: SourceNodeReader) throws -> [Int] {
  guard size > 0, extent / size < 1 << 16 else {
    throw node.invalid("cannot split \(extent) elements into chunks of \(size)")
  }
  let rest = extent % size
  return [Int](repeating: size, count: extent / size) + (rest == 0 ? [] : [rest])
}

@Sendable private func importConcatenation(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [ONNXValue] {
  guard let axis = try node.attributes.int("axis") else { throw node.invalid("needs an axis") }
  let isNew = try node.attributes.flag("new_axis")
  var operands = try node.sequence(0).map { element -> Value in
    guard let tensor = element.tensor else { throw node.invalid("joins tensors only") }
    return try graph.plain(tensor)
  }
  guard let first = operands.first else { throw node.invalid("its sequence is empty") }
  let rank = graph.shape(first).rank + (isNew ? 1 : 0)
  let place = try normalized([axis], rank: rank, node)[0]
  if isNew {
    operands = try operands.map { value in
      var extents = graph.shape(value).dimensions
      guard place <= extents.count else { throw node.invalid("its tensors differ in rank") }
      extents.insert(1, at: place)
      return try graph.reshape(value, extents)
    }
  }
  return [.tensor(try graph.emit(Concat(axis: place), operands))]
}
