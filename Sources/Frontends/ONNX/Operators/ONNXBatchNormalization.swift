import IR

let onnxBatchNormalizationOperators: [ONNXOperator] = [
  ONNXOperator("BatchNormalization", inputs: 5, importBatchNormalization)
]

/// What a node asks for beyond the running statistics.
private enum Form {
  case inference
  /// Opset 7 and 8, `spatial = 0`: statistics for every element of a sample.
  case perElement
  case training

  init(_ node: SourceNodeReader) throws {
    let isSpatial = try node.attributes.flag("spatial", default: true)
    var trains = try node.attributes.flag("training_mode")
    if node.opset < 7 {
      _ = try node.attributes.ints("consumed_inputs")
      // Opset 6 was for training unless it said otherwise.
      trains = try !node.attributes.flag("is_test")
    } else if node.opset < 14 {
      // Opsets 7 to 13 train where somebody reads the statistics.
      trains = (1...4).contains { node.wants(output: $0) }
    }
    guard isSpatial || !trains else {
      throw node.unsupported("training with statistics per element is not supported")
    }
    self = trains ? .training : isSpatial ? .inference : .perElement
  }
}

@Sendable private func importBatchNormalization(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let momentum = Double(try node.attributes.float("momentum", default: 0.9))
  let epsilon = try node.attributes.float("epsilon", default: 1e-5)
  let x = try graph.plain(try node.input(0))
  let parameters = try (1...4).map { try graph.plain(try node.input($0)) }
  switch try Form(node) {
  case .inference:
    var operation = BatchNorm()
    operation.epsilon = epsilon
    let result = try graph.emit(operation, [try graph.channelsLast(x)] + parameters)
    return [try graph.channelsFirst(result)]
  case .perElement:
    let e = Expression(graph, graph.type(x).element)
    let centred = try e.subtract(x, parameters[2])
    let factor = try e.unary(
      ReciprocalSquareRoot(), try e.add(parameters[3], e.number(Double(epsilon))))
    let scaled = try e.multiply(try e.multiply(centred, factor), parameters[0])
    return [try e.add(scaled, parameters[1])]
  case .training:
    return try train(node, graph, x, parameters, momentum, Double(epsilon))
  }
}

/// Normalises by the batch's own statistics, over all axes but the channels, and moves the running
/// ones towards them. The variance divides by the number of elements.
private func train(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ parameters: [Value],
  _ momentum: Double, _ epsilon: Double
) throws -> [Value] {
  let rank = graph.shape(x).rank
  guard rank >= 2 else { throw node.invalid("needs at least 2 dimensions") }
  let e = Expression(graph, graph.type(x).element)
  let axes = (0..<rank).filter { $0 != 1 }
  func perChannel(_ value: Value) throws -> Value {
    let extent = graph.shape(value).dimensions.first ?? 1
    return try graph.reshape(value, [extent] + [Int](repeating: 1, count: rank - 2))
  }
  let mean = try e.mean(x, axes)
  let centred = try e.subtract(x, mean)
  let variance = try e.mean(try e.multiply(centred, centred), axes)
  let factor = try e.unary(ReciprocalSquareRoot(), try e.add(variance, e.number(epsilon)))
  let scaled = try e.multiply(try e.multiply(centred, factor), try perChannel(parameters[0]))
  let result = try e.add(scaled, try perChannel(parameters[1]))
  let channels = graph.shape(x)[1]
  func moved(_ running: Value, _ batch: Value) throws -> [Value] {
    let se = Expression(graph, graph.type(running).element)
    var flat = try graph.reshape(batch, [channels])
    if se.element != e.element { flat = try graph.emit(Cast(to: se.element), [flat]) }
    let old = try se.multiply(running, se.number(momentum))
    return [try se.add(old, try se.multiply(flat, se.number(1 - momentum))), flat]
  }
  let means = try moved(parameters[2], mean)
  let variances = try moved(parameters[3], variance)
  return [result, means[0], variances[0], means[1], variances[1]]
}
