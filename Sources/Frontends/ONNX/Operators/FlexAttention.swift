import CProto
import IR

let onnxFlexAttentionOperators: [ONNXOperator] = [
  ONNXOperator("FlexAttention", inputs: 3, domain: "ai.onnx.preview") { node, _ in
    throw node.unsupported("is not supported here")
  }
]

extension ONNXGraphImporter {
  /// Attention whose scores and weights go through subgraphs of the model.
  ///
  /// Source: ONNX `Operators.md`, `ai.onnx.preview.FlexAttention`; arXiv 2412.05496.
  func importFlexAttention(_ node: SourceNodeReader, _ place: String) throws -> Value {
    let operands = try (0..<3).map { try builder.plain(try node.input($0)) }
    let shapes = try operands.map { try builder.staticShape($0, "an operand") }
    guard shapes.allSatisfy({ $0.rank == 4 }), shapes[1][1] >= 1,
      shapes[1].dimensions[..<3] == shapes[2].dimensions[..<3], shapes[0][3] == shapes[1][3],
      shapes[0][0] == shapes[1][0], shapes[0][1] % shapes[1][1] == 0
    else { throw node.invalid("cannot relate \(shapes[0]), \(shapes[1]) and \(shapes[2])") }
    let element = builder.type(operands[0]).element
    let precision = try node.attributes.elementType("softmax_precision")
      ?? (element == .f64 ? .f64 : .f32)
    let scale = try node.attributes.float("scale").map { Double($0) }
      ?? 1 / Double(max(shapes[0][3], 1)).squareRoot()
    let e = Expression(builder, element)
    // Both operands are scaled by the root, so that narrow floats do not overflow.
    let root = e.number(scale.squareRoot())
    let keys = try repeatedHeads(try e.multiply(operands[1], root), shapes[0][1])
    let values = try repeatedHeads(
      try builder.emit(Cast(to: precision), [operands[2]]), shapes[0][1])
    let turned = try builder.transpose(keys, [0, 1, 3, 2])
    let products = try builder.emit(MatMul(), [try e.multiply(operands[0], root), turned])
    var scores = try builder.emit(Cast(to: precision), [products])
    scores = try modified(scores, node, "score_mod", place)
    var weights = try builder.emit(Softmax(axis: -1), [scores])
    weights = try modified(weights, node, "prob_mod", place)
    let result = try builder.emit(MatMul(), [weights, values])
    return try builder.emit(Cast(to: builder.type(operands[2]).element), [result])
  }

  private func repeatedHeads(_ x: Value, _ heads: Int) throws -> Value {
    let shape = builder.shape(x)
    let apart = try builder.reshape(x, [shape[0], shape[1], 1, shape[2], shape[3]])
    let wide = try builder.broadcast(
      apart, to: [shape[0], shape[1], heads / shape[1], shape[2], shape[3]])
    return try builder.reshape(wide, [shape[0], heads, shape[2], shape[3]])
  }

  /// `x` through the subgraph `name`, where there is one.
  private func modified(
    _ x: Value, _ node: SourceNodeReader, _ name: String, _ place: String
  ) throws -> Value {
    guard let graph = try node.attributes.graph(name) else { return x }
    let results = try importBody(graph.pointee, [.tensor(x)], place + "/" + name)
    guard results.count == 1, let result = results[0].tensor,
      builder.type(result) == builder.type(x)
    else { throw node.invalid("'\(name)' does not keep the type \(builder.type(x))") }
    return result
  }
}
