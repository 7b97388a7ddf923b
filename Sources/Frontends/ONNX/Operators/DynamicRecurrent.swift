import IR

/// `DynamicQuantizeLSTM` as an `LSTM`: weights as the reals they stand for, the other way round.
///
/// Source: ONNX Runtime, `docs/ContribOperators.md`.
func dequantizedLayer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> SourceNodeReader {
  func weights(_ index: Int, _ parameters: Int) throws -> Value {
    let stored = try graph.plain(try node.input(index))
    let e = Expression(graph, .f32)
    func spread(_ value: Value) throws -> Value {
      let own = try graph.emit(Cast(to: .f32), [try graph.plain(value)])
      let extents = graph.shape(own).dimensions
      let shape = extents.count == 1 ? extents + [1, 1] : [extents[0], 1, extents[1]]
      return try graph.reshape(own, shape)
    }
    let steps = try e.subtract(
      try graph.emit(Cast(to: .f32), [stored]), try spread(try node.input(parameters + 1)))
    let real = try e.multiply(steps, try spread(try node.input(parameters)))
    return try graph.transpose(real, [0, 2, 1])
  }
  var inputs = (0..<8).map { node.optional($0) }
  inputs[1] = try weights(1, 8)
  inputs[2] = try weights(2, 10)
  inputs[0] = try graph.requantized(try node.input(0), node)
  return SourceNodeReader(
    operation: node.operation, opset: node.opset,
    inputs: inputs.map { $0.map { ONNXValue.tensor($0) } }, outputs: node.outputs, attributes: node.attributes)
}

extension GraphBuilder {
  /// The reals nearest to `x` among 256 steps over its own range.
  func requantized(_ x: Value, _ node: SourceNodeReader) throws -> Value {
    let parts = try node.imported(as: "DynamicQuantizeLinear", [x], self, outputs: 3)
    let e = Expression(self, .f32)
    let steps = try e.subtract(
      try emit(Cast(to: .f32), [parts[0]]), try emit(Cast(to: .f32), [parts[2]]))
    return try e.multiply(steps, parts[1])
  }
}
