import IR

let onnxArithmeticOperators: [ONNXOperator] = [
  binary("Add") { Add() },
  binary("Sub") { Subtract() },
  binary("Mul") { Multiply() },
  binary("Div") { Divide() },
  ONNXOperator("Pow", inputs: 2, importPow),
  variadic("Min") { Minimum() },
  variadic("Max") { Maximum() },
  variadic("Sum") { Add() },
  ONNXOperator("Mean", inputs: 1...Int.max, importMean),
]

/// Two operands with NumPy's broadcasting.
private func binary(
  _ name: String, _ make: @escaping @Sendable () -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, inputs: 2) { node, graph in
    [try graph.emit(make(), try alignedOperands(node, graph))]
  }
}

/// Both operands. Before opset 7 the second one lined up with the first from `axis` on.
private func alignedOperands(_ node: SourceNodeReader, _ graph: GraphBuilder) throws -> [Value] {
  let operands = try node.allInputs().map { try graph.plain($0) }
  guard node.opset < 7 else { return operands }
  _ = try node.attributes.ints("consumed_inputs")
  let (first, second) = (graph.shape(operands[0]), graph.shape(operands[1]))
  guard try node.attributes.flag("broadcast"), let axis = try node.attributes.int("axis") else {
    return operands
  }
  let behind = first.rank - second.rank - (axis < 0 ? axis + first.rank : axis)
  guard (0...TensorReader.maximumRank).contains(behind) else {
    throw node.invalid("axis \(axis) does not fit \(first) and \(second)")
  }
  let spread = second.dimensions + [Int](repeating: 1, count: behind)
  return [operands[0], try graph.reshape(operands[1], spread)]
}

/// Any number of operands, folded from the left.
private func variadic(
  _ name: String, _ make: @escaping @Sendable () -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, inputs: 1...Int.max) { node, graph in
    [try fold(node, graph, make)]
  }
}

private func fold(
  _ node: SourceNodeReader, _ graph: GraphBuilder, _ make: () -> any Operation
) throws -> Value {
  let operands = try node.allInputs().map { try graph.plain($0) }
  return try operands.dropFirst().reduce(operands[0]) { sum, next in
    try graph.emit(make(), [sum, next])
  }
}

@Sendable private func importMean(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let sum = try fold(node, graph) { Add() }
  let count = graph.scalar(Double(node.inputs.count), graph.type(sum).element)
  return [try graph.emit(Divide(), [sum, count])]
}

/// The exponent may be of another type than the base, whose type the result has.
@Sendable private func importPow(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let operands = try alignedOperands(node, graph)
  let (base, exponent) = (operands[0], operands[1])
  let (element, other) = (graph.type(base).element, graph.type(exponent).element)
  if element == other { return [try graph.emit(Power(), [base, exponent])] }
  if element.isFloat || other.isInteger {
    let cast = try graph.emit(Cast(to: element), [exponent])
    return [try graph.emit(Power(), [base, cast])]
  }
  let wide = try graph.emit(Cast(to: other), [base])
  let power = try graph.emit(Power(), [wide, exponent])
  return [try graph.emit(Cast(to: element), [power])]
}
