import IR

let onnxIndexingOperators: [ONNXOperator] = [
  ONNXOperator("GatherElements", since: 11, inputs: 2) { node, graph in
    let operation = GatherElements(axis: try node.attributes.int("axis", default: 0))
    return [try graph.emit(operation, try node.allInputs().map { try graph.plain($0) })]
  },
  ONNXOperator("GatherND", since: 11, inputs: 2) { node, graph in
    var operation = GatherND()
    operation.batchDimensions = try node.attributes.int("batch_dims", default: 0)
    return [try graph.emit(operation, try node.allInputs().map { try graph.plain($0) })]
  },
  ONNXOperator("Scatter", since: 9, inputs: 3, importScatterElements),
  ONNXOperator("ScatterElements", since: 11, inputs: 3, importScatterElements),
  ONNXOperator("ScatterND", since: 11, inputs: 3) { node, graph in
    var operation = ScatterND()
    operation.mode = try scatterMode(node)
    return [try graph.emit(operation, try node.allInputs().map { try graph.plain($0) })]
  },
  ONNXOperator("ArgMax", inputs: 1) { node, graph in
    var operation = ArgMax()
    operation.axis = try node.attributes.int("axis", default: 0)
    operation.keepDimension = try node.attributes.flag("keepdims", default: true)
    operation.takesLast = try node.attributes.flag("select_last_index")
    return [try graph.emit(operation, [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("ArgMin", inputs: 1) { node, graph in
    var operation = ArgMin()
    operation.axis = try node.attributes.int("axis", default: 0)
    operation.keepDimension = try node.attributes.flag("keepdims", default: true)
    operation.takesLast = try node.attributes.flag("select_last_index")
    return [try graph.emit(operation, [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("TopK", inputs: 1...2, importTopK),
  ONNXOperator("CumSum", since: 11, inputs: 2) { node, graph in
    var operation = CumulativeSum()
    operation.axis = try cumulationAxis(node, graph)
    operation.isExclusive = try node.attributes.flag("exclusive")
    operation.isReversed = try node.attributes.flag("reverse")
    return [try graph.emit(operation, [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("CumProd", since: 26, inputs: 2) { node, graph in
    var operation = CumulativeProduct()
    operation.axis = try cumulationAxis(node, graph)
    operation.isExclusive = try node.attributes.flag("exclusive")
    operation.isReversed = try node.attributes.flag("reverse")
    return [try graph.emit(operation, [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("OneHot", since: 9, inputs: 3, importOneHot),
  ONNXOperator("Hardmax", inputs: 1, importHardmax),
]

private func scatterMode(_ node: SourceNodeReader) throws -> ScatterMode {
  switch try node.attributes.string("reduction") ?? "none" {
  case "none": return .replace
  case "add": return .add
  case "mul": return .multiply
  case "min": return .minimum
  case "max": return .maximum
  case let other: throw node.invalid("reduction '\(other)' is not known")
  }
}

@Sendable private func importScatterElements(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var operation = ScatterElements()
  operation.axis = try node.attributes.int("axis", default: 0)
  operation.mode = try scatterMode(node)
  return [try graph.emit(operation, try node.allInputs().map { try graph.plain($0) })]
}

private func cumulationAxis(_ node: SourceNodeReader, _ graph: GraphBuilder) throws -> Int {
  let axis = try graph.integers(try node.input(1), "the axis")
  guard axis.count == 1 else { throw node.invalid("needs one axis") }
  return axis[0]
}

@Sendable private func importTopK(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let given =
    node.opset >= 10
    ? try graph.integers(try node.input(1), "k") : [try node.attributes.int("k") ?? -1]
  guard given.count == 1, given[0] >= 0 else { throw node.invalid("needs one k") }
  var operation = TopK()
  operation.count = given[0]
  operation.axis = try node.attributes.int("axis", default: -1)
  operation.largest = try node.attributes.flag("largest", default: true)
  _ = try node.attributes.flag("sorted", default: true)
  return try graph.emitAll(operation, [x])
}

/// Compares the indices, counted from the front, with 0, 1, … along the new axis.
@Sendable private func importOneHot(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let indices = try graph.emit(Cast(to: .i64), [try graph.plain(try node.input(0))])
  let depth = try graph.floats(try node.input(1), "the depth")
  guard depth.count == 1, depth[0] >= 0, depth[0] <= 16_777_216 else {
    throw node.invalid("needs one depth")
  }
  let count = Int(depth[0])
  let values = try graph.plain(try node.input(2))
  guard graph.shape(values) == [2] else { throw node.invalid("needs two values") }
  let shape = graph.shape(indices)
  let axis = try normalized(
    [try node.attributes.int("axis", default: -1)], rank: shape.rank + 1, node)[0]
  var spread = shape.dimensions
  spread.insert(1, at: axis)
  var ladder = [Int](repeating: 1, count: shape.rank + 1)
  ladder[axis] = count
  // An index outside −depth … depth − 1 makes a row without its hot element.
  let deep = graph.constant(Tensor(scalar: Int64(count)))
  let zero = graph.constant(Tensor(scalar: Int64(0)))
  let shifted = try graph.emit(Add(), [indices, deep])
  let isNegative = try graph.emit(Less(), [indices, zero])
  let wrapped = try graph.emit(Select(), [isNegative, shifted, indices])
  let steps = graph.constant(
    Tensor(integers: Array(0..<count)).reinterpreted(as: TensorType(.i64, Shape(ladder))))
  let isHot = try graph.emit(Equal(), [try graph.reshape(wrapped, spread), steps])
  let cold = try graph.emit(Slice(start: [0], size: [1]), [values])
  let hot = try graph.emit(Slice(start: [1], size: [1]), [values])
  return [try graph.emit(Select(), [isHot, hot, cold])]
}

/// 1 at the first largest element along the axis, 0 elsewhere.
@Sendable private func importHardmax(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  return [
    try overSoftmaxAxis(node, graph) { x, axis in
      let extent = try graph.staticShape(x, "the operand")[axis]
      var best = ArgMax()
      best.axis = axis
      var ladder = [Int](repeating: 1, count: graph.shape(x).rank)
      ladder[axis] = extent
      let steps = graph.constant(
        Tensor(integers: Array(0..<extent)).reinterpreted(as: TensorType(.i64, Shape(ladder))))
      let isBest = try graph.emit(Equal(), [try graph.emit(best, [x]), steps])
      return try graph.emit(Cast(to: graph.type(x).element), [isBest])
    }
  ]
}
