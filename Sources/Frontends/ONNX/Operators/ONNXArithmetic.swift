import IR

let onnxArithmeticOperators: [ONNXOperator] = [
  binary("Add", since: 7) { Add() },
  binary("Sub", since: 7) { Subtract() },
  binary("Mul", since: 7) { Multiply() },
  binary("Div", since: 7) { Divide() },
  ONNXOperator("Pow", since: 7, inputs: 2, importPow),
  variadic("Min", since: 8) { Minimum() },
  variadic("Max", since: 8) { Maximum() },
  variadic("Sum", since: 8) { Add() },
  ONNXOperator("Mean", since: 8, inputs: 1...Int.max, importMean),
]

/// Two operands with NumPy's broadcasting.
private func binary(
  _ name: String, since: Int, _ make: @escaping @Sendable () -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, since: since, inputs: 2) { node, graph in
    let operands = try node.allInputs().map { try graph.plain($0) }
    return [try graph.emit(make(), operands)]
  }
}

/// Any number of operands, folded from the left.
private func variadic(
  _ name: String, since: Int, _ make: @escaping @Sendable () -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, since: since, inputs: 1...Int.max) { node, graph in
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
  let base = try graph.plain(try node.input(0))
  let exponent = try graph.plain(try node.input(1))
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
