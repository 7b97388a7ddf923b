import IR

let onnxShapeOperators: [ONNXOperator] = [
  ONNXOperator("Reshape", since: 5, inputs: 2, importReshape),
  ONNXOperator("Flatten", inputs: 1, importFlatten),
  ONNXOperator("Squeeze", inputs: 1...2, importSqueeze),
  ONNXOperator("Unsqueeze", inputs: 1...2, importUnsqueeze),
  ONNXOperator("Shape", inputs: 1, importShape),
  ONNXOperator("Size", inputs: 1, importSize),
  ONNXOperator("Expand", since: 8, inputs: 2, importExpand),
]

@Sendable private func importReshape(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let source = graph.shape(x)
  let allowsZero = try node.attributes.flag("allowzero")
  var target = try graph.integers(try node.input(1), "the shape")
  guard target.count <= TensorReader.maximumRank else {
    throw node.invalid("a shape of \(target.count) dimensions")
  }
  for axis in target.indices where target[axis] == 0 && !allowsZero {
    guard axis < source.rank else { throw node.invalid("shape \(target) copies a dimension that is not there") }
    target[axis] = source[axis]
  }
  guard target.allSatisfy({ $0 >= -1 }), target.filter({ $0 == -1 }).count <= 1 || !source.isStatic
  else { throw node.invalid("cannot make shape \(target) of \(source)") }
  // A −1 among known extents is worked out here, so that a copied unknown one may take its place.
  return [try graph.reshape(x, try resolved(target, source, node))]
}

private func resolved(_ target: [Int], _ source: Shape, _ node: SourceNodeReader) throws -> [Int] {
  guard let total = source.checkedCount, let free = target.firstIndex(of: -1) else { return target }
  guard let known = Shape(target.filter { $0 != -1 }).checkedCount, known > 0, total % known == 0
  else { throw node.invalid("cannot make shape \(target) of \(source)") }
  var result = target
  result[free] = total / known
  return result
}

@Sendable private func importFlatten(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = graph.shape(x)
  let axis = try node.attributes.int("axis", default: 1)
  guard (-shape.rank...shape.rank).contains(axis) else {
    throw node.invalid("axis \(axis) does not exist in \(shape.rank) dimensions")
  }
  let split = axis < 0 ? axis + shape.rank : axis
  return [
    try graph.reshape(
      x, [product(shape.dimensions[..<split]), product(shape.dimensions[split...])])
  ]
}

/// The product of extents; unknown where one of them is.
func product(_ extents: ArraySlice<Int>) -> Int {
  extents.contains(Shape.unknown) ? Shape.unknown : extents.reduce(1, *)
}

@Sendable private func importSqueeze(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let shape = graph.shape(x)
  let given =
    node.opset >= 13
    ? try graph.optionalIntegers(node.optional(1), "axes") : try node.attributes.ints("axes")
  let axes = try given.map { try normalized($0, rank: shape.rank, node) }
    ?? (0..<shape.rank).filter { shape[$0] == 1 }
  for axis in axes where shape[axis] != 1 && shape[axis] != Shape.unknown {
    throw node.invalid("axis \(axis) of \(shape) is not 1")
  }
  let kept = shape.dimensions.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
  return [try graph.reshape(x, kept)]
}

@Sendable private func importUnsqueeze(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let given =
    node.opset >= 13
    ? try graph.optionalIntegers(node.optional(1), "axes") : try node.attributes.ints("axes")
  guard let given else { throw node.invalid("needs axes") }
  let rank = graph.shape(x).rank + given.count
  guard rank <= TensorReader.maximumRank else { throw node.invalid("makes \(rank) dimensions") }
  let axes = try normalized(given, rank: rank, node)
  var rest = graph.shape(x).dimensions[...]
  let extents = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
  return [try graph.reshape(x, extents)]
}

@Sendable private func importShape(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let shape = graph.shape(try node.input(0))
  func clamp(_ index: Int) -> Int {
    min(max(index < 0 ? index + shape.rank : index, 0), shape.rank)
  }
  let start = clamp(try node.attributes.int("start", default: 0))
  let end = clamp(try node.attributes.int("end", default: shape.rank))
  let extents = Array(shape.dimensions[start..<max(start, end)])
  guard !extents.contains(Shape.unknown) else {
    throw node.unsupported(
      "the shape \(shape) has unknown dimensions",
      help: ["bind them with --dim NAME=N or --shape INPUT=…"])
  }
  return [graph.constant(Tensor(integers: extents))]
}

@Sendable private func importSize(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let shape = try graph.staticShape(try node.input(0), "the operand")
  return [graph.constant(Tensor(scalar: Int64(shape.count)))]
}

@Sendable private func importExpand(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try node.input(0)
  let target = try graph.integers(try node.input(1), "the shape")
  guard target.count <= TensorReader.maximumRank, target.allSatisfy({ $0 >= 0 }),
    let shape = Shape.broadcast([graph.shape(x), Shape(target)])
  else { throw node.invalid("cannot expand \(graph.shape(x)) to \(target)") }
  return [try graph.broadcast(x, to: shape)]
}

extension GraphBuilder {
  /// `value` repeated along axes of extent 1 until it has `shape`.
  func broadcast(_ value: Value, to shape: Shape) throws -> Value {
    if self.shape(value) == shape { return value }
    return try emit(BroadcastTo(shape.dimensions), [value])
  }
}
