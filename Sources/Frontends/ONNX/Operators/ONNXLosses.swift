import IR

// Losses: training ends with them, and evaluation models keep them.

let onnxLossOperators: [ONNXOperator] = [
  ONNXOperator("NegativeLogLikelihoodLoss", since: 12, inputs: 2...3) { node, graph in
    let x = try graph.plain(try node.input(0))
    return [try negativeLogLikelihood(node, graph, x)]
  },
  ONNXOperator("SoftmaxCrossEntropyLoss", since: 12, inputs: 2...3) { node, graph in
    let logarithms = try logSoftmax(graph, try graph.plain(try node.input(0)), 1)
    return [try negativeLogLikelihood(node, graph, logarithms), logarithms]
  },
]

/// `−w[t] · x[n, t, …]` with `t` the target, summed or averaged over the weights.
///
/// Source: ONNX `Operators.md`, `NegativeLogLikelihoodLoss`.
private func negativeLogLikelihood(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value
) throws -> Value {
  let e = Expression(graph, graph.type(x).element)
  let shape = try graph.staticShape(try node.input(1), "the target")
  var target = try graph.emit(Cast(to: .i64), [try graph.plain(try node.input(1))])
  var ignored: Value?
  if let index = try node.attributes.int("ignore_index") {
    let isIgnored = try graph.emit(Equal(), [target, graph.constant(Tensor(scalar: Int64(index)))])
    target = try graph.emit(
      Select(), [isIgnored, graph.constant(Tensor(scalar: Int64(0))), target])
    ignored = isIgnored
  }
  var extents = shape.dimensions
  guard !extents.isEmpty else { throw node.invalid("needs a target per sample") }
  extents.insert(1, at: 1)
  let picked = try graph.emit(GatherElements(axis: 1), [x, try graph.reshape(target, extents)])
  let values = try graph.reshape(picked, shape.dimensions)
  var weights = try node.optional(2).map {
    try graph.emit(Gather(axis: 0), [try graph.plain($0), target])
  } ?? graph.broadcast(e.number(1), to: shape)
  if let ignored { weights = try graph.emit(Select(), [ignored, e.number(0), weights]) }
  let losses = try e.negated(try e.multiply(values, weights))
  var sum = ReduceSum()
  sum.axes = Array(0..<shape.rank)
  sum.keepDimensions = false
  switch try node.attributes.string("reduction") ?? "mean" {
  case "none": return losses
  case "sum": return try e.unary(sum, losses)
  case "mean": return try e.divide(try e.unary(sum, losses), try e.unary(sum, weights))
  case let other: throw node.invalid("reduction '\(other)' is not known")
  }
}
