import IR

let onnxConstantOperators: [ONNXOperator] = [
  ONNXOperator("Constant", inputs: 0, importConstant),
  ONNXOperator("ConstantOfShape", since: 9, inputs: 1, importConstantOfShape),
  ONNXOperator("Cast", since: 6, inputs: 1) { node, graph in
    guard let element = try node.attributes.elementType("to") else { throw node.invalid("needs 'to'") }
    return [try cast(node, graph, to: element)]
  },
  ONNXOperator("BitCast", since: 26, inputs: 1, importBitCast),
  ONNXOperator("CastLike", since: 15, inputs: 2) { node, graph in
    [try cast(node, graph, to: graph.type(try node.input(1)).element)]
  },
]

@Sendable private func importBitCast(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  guard let element = try node.attributes.elementType("to") else { throw node.invalid("needs 'to'") }
  return [try graph.emit(BitCast(to: element), [try graph.plain(try node.input(0))])]
}

private func cast(
  _ node: SourceNodeReader, _ graph: GraphBuilder, to element: ElementType
) throws -> Value {
  var operation = Cast(to: element)
  operation.saturate = try node.attributes.flag("saturate", default: true)
  if let mode = try node.attributes.string("round_mode"), mode != "up" {
    throw node.unsupported("round_mode '\(mode)' is not supported")
  }
  let x = try graph.plain(try node.input(0))
  if graph.type(x).element == element { return x }
  return try graph.emit(operation, [x])
}

@Sendable private func importConstant(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let tensor: Tensor
  if let value = try attributes.tensor("value") {
    tensor = value
  } else if let value = try attributes.float("value_float") {
    tensor = Tensor(scalar: value)
  } else if let values = try attributes.floats("value_floats") {
    tensor = Tensor([values.count], values)
  } else if let value = try attributes.int("value_int") {
    tensor = Tensor(scalar: Int64(value))
  } else if let values = try attributes.ints("value_ints") {
    tensor = Tensor(integers: values)
  } else if let value = try attributes.string("value_string") {
    tensor = Tensor(.scalar, strings: [value])
  } else if let values = try attributes.strings("value_strings") {
    tensor = Tensor([values.count], strings: values)
  } else if let value = try attributes.sparseTensor("sparse_value") {
    tensor = value
  } else {
    throw node.invalid("has no value")
  }
  return [graph.constant(tensor)]
}

@Sendable private func importConstantOfShape(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let extents = try graph.integers(try node.input(0), "the shape")
  let value = try node.attributes.tensor("value") ?? Tensor(scalar: Float(0))
  guard value.count == 1 else { throw node.invalid("needs a value of one element") }
  guard extents.count <= TensorReader.maximumRank, extents.allSatisfy({ $0 >= 0 }) else {
    throw node.invalid("cannot make the shape \(extents)")
  }
  guard Shape(extents).checkedCount != nil else {
    throw node.invalid("the shape \(extents) is too large")
  }
  let one = graph.constant(value.reinterpreted(as: TensorType(value.element, .scalar)))
  return [try graph.broadcast(one, to: Shape(extents))]
}
