import IR

let onnxComparisonOperators: [ONNXOperator] = [
  pair("Equal") { Equal() },
  pair("Less") { Less() },
  pair("LessOrEqual", since: 12) { LessOrEqual() },
  pair("Greater", swaps: true) { Less() },
  pair("GreaterOrEqual", since: 12, swaps: true) { LessOrEqual() },
  pair("And") { BitwiseAnd() },
  pair("Or") { BitwiseOr() },
  pair("Xor") { BitwiseXor() },
  pair("BitwiseAnd", since: 18) { BitwiseAnd() },
  pair("BitwiseOr", since: 18) { BitwiseOr() },
  pair("BitwiseXor", since: 18) { BitwiseXor() },
  ONNXOperator("Not", inputs: 1) { node, graph in
    [try graph.emit(BitwiseNot(), [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("BitwiseNot", since: 18, inputs: 1) { node, graph in
    [try graph.emit(BitwiseNot(), [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("BitShift", since: 11, inputs: 2, importBitShift),
  ONNXOperator("IsNaN", since: 9, inputs: 1) { node, graph in
    [try graph.emit(IsNaN(), [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("IsInf", since: 10, inputs: 1, importIsInf),
  ONNXOperator("Where", since: 9, inputs: 3) { node, graph in
    let operands = try node.allInputs().map { try graph.plain($0) }
    return [try graph.emit(Select(), operands)]
  },
]

/// Two operands with NumPy's broadcasting; "greater" is "less" with the operands swapped.
private func pair(
  _ name: String, since: Int = 7, swaps: Bool = false,
  _ make: @escaping @Sendable () -> any Operation
) -> ONNXOperator {
  ONNXOperator(name, since: since, inputs: 2) { node, graph in
    let operands = try node.allInputs().map { try graph.plain($0) }
    return [try graph.emit(make(), swaps ? operands.reversed() : operands)]
  }
}

@Sendable private func importBitShift(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let operands = try node.allInputs().map { try graph.plain($0) }
  switch try node.attributes.string("direction") {
  case "LEFT": return [try graph.emit(ShiftLeft(), operands)]
  case "RIGHT": return [try graph.emit(ShiftRight(), operands)]
  default: throw node.invalid("needs the direction LEFT or RIGHT")
  }
}

@Sendable private func importIsInf(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let element = graph.type(x).element
  let positive = try node.attributes.flag("detect_positive", default: true)
  let negative = try node.attributes.flag("detect_negative", default: true)
  guard let layout = [ElementType.f64, .f32, .f16, .bf16].first(where: { $0 == element }) else {
    throw node.unsupported("\(graph.type(x)) is not supported")
  }
  let isPositive = try graph.emit(Equal(), [x, graph.scalar(.infinity, layout)])
  let isNegative = try graph.emit(Equal(), [x, graph.scalar(-.infinity, layout)])
  if positive && negative { return [try graph.emit(BitwiseOr(), [isPositive, isNegative])] }
  if positive { return [isPositive] }
  if negative { return [isNegative] }
  return [try graph.emit(BitwiseXor(), [isPositive, isPositive])]
}
