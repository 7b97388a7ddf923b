import IR

let onnxReductionOperators: [ONNXOperator] = [
  reduction("ReduceMean") { axes, keep in
    var operation = ReduceMean()
    operation.axes = axes
    operation.keepDimensions = keep
    return operation
  },
  reduction("ReduceSum", axesAreInputsSince: 13, sum),
  reduction("ReduceMax") { axes, keep in
    var operation = ReduceMax()
    operation.axes = axes
    operation.keepDimensions = keep
    return operation
  },
  reduction("ReduceMin") { axes, keep in
    var operation = ReduceMin()
    operation.axes = axes
    operation.keepDimensions = keep
    return operation
  },
  reduction("ReduceProd") { axes, keep in
    var operation = ReduceProduct()
    operation.axes = axes
    operation.keepDimensions = keep
    return operation
  },
  composed("ReduceL1", before: { x, graph in
    try Expression(graph, graph.type(x).element).magnitude(x)
  }),
  composed("ReduceSumSquare", before: square),
  composed("ReduceL2", before: square, after: { x, graph in try graph.emit(SquareRoot(), [x]) }),
  composed("ReduceLogSum", after: { x, graph in try graph.emit(Logarithm(), [x]) }),
  ONNXOperator("ReduceLogSumExp", inputs: 1...2, importLogSumExp),
]

private typealias Make = @Sendable (_ axes: [Int], _ keep: Bool) -> any Operation
private typealias Step = @Sendable (Value, GraphBuilder) throws -> Value

@Sendable private func sum(_ axes: [Int], _ keep: Bool) -> any Operation {
  var operation = ReduceSum()
  operation.axes = axes
  operation.keepDimensions = keep
  return operation
}

@Sendable private func square(_ x: Value, _ graph: GraphBuilder) throws -> Value {
  try graph.emit(Multiply(), [x, x])
}

private func reduction(
  _ name: String, axesAreInputsSince: Int = 18, _ make: @escaping Make
) -> ONNXOperator {
  ONNXOperator(name, inputs: 1...2) { node, graph in
    let x = try graph.plain(try node.input(0))
    guard let axes = try readAxes(node, graph, x, axesAreInputsSince) else { return [x] }
    guard graph.type(x).element == .bool else {
      return [try graph.emit(make(axes.axes, axes.keep), [x])]
    }
    // As bytes, so that the extremes over no element are 0 and 255.
    let bytes = try graph.emit(Cast(to: .u8), [x])
    let reduced = try graph.emit(make(axes.axes, axes.keep), [bytes])
    return [try graph.emit(Cast(to: .bool), [reduced])]
  }
}

/// A sum with a function before and after it.
private func composed(
  _ name: String, before: @escaping Step = { x, _ in x }, after: @escaping Step = { x, _ in x }
) -> ONNXOperator {
  ONNXOperator(name, inputs: 1...2) { node, graph in
    let x = try graph.plain(try node.input(0))
    let mapped = try before(x, graph)
    guard let axes = try readAxes(node, graph, x, 18) else { return [try after(mapped, graph)] }
    return [try after(try graph.emit(sum(axes.axes, axes.keep), [mapped]), graph)]
  }
}

/// The axes, none negative, and whether they stay; nil where there is nothing to reduce.
private func readAxes(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ inputsSince: Int
) throws -> (axes: [Int], keep: Bool)? {
  let rank = graph.shape(x).rank
  let keep = try node.attributes.flag("keepdims", default: true)
  let isIdentity = try node.attributes.flag("noop_with_empty_axes")
  let given =
    node.opset >= inputsSince
    ? try graph.optionalIntegers(node.optional(1), "axes") : try node.attributes.ints("axes")
  let axes = given ?? []
  if axes.isEmpty {
    return isIdentity ? nil : (Array(0..<rank), keep)
  }
  return (try normalized(axes, rank: rank, node), keep)
}

/// Axes counted from the front, each once.
func normalized(_ axes: [Int], rank: Int, _ node: SourceNodeReader) throws -> [Int] {
  let result = try axes.map { axis -> Int in
    guard (-rank..<rank).contains(axis) else {
      throw node.invalid("axis \(axis) does not exist in \(rank) dimensions")
    }
    return axis < 0 ? axis + rank : axis
  }
  guard Set(result).count == result.count else { throw node.invalid("axes \(axes) repeat") }
  return result
}

/// `max + log Σ exp(x − max)`, which does not overflow.
@Sendable private func importLogSumExp(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  guard let axes = try readAxes(node, graph, x, 18) else { return [x] }
  if graph.shape(x).checkedCount == 0 {
    let exponentials = try graph.emit(Exponential(), [x])
    return [try graph.emit(Logarithm(), [try graph.emit(sum(axes.axes, axes.keep), [exponentials])])]
  }
  var largest = ReduceMax()
  largest.axes = axes.axes
  let top = try graph.emit(largest, [x])
  let exponentials = try graph.emit(Exponential(), [try graph.emit(Subtract(), [x, top])])
  let total = try graph.emit(sum(axes.axes, true), [exponentials])
  let result = try graph.emit(Add(), [try graph.emit(Logarithm(), [total]), top])
  guard !axes.keep else { return [result] }
  let kept = graph.shape(result).dimensions.enumerated()
    .filter { !axes.axes.contains($0.offset) }.map(\.element)
  return [try graph.reshape(result, kept)]
}
