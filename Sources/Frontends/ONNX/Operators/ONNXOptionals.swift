import IR

// Whether an optional has an element is known at import, as a sequence's length is.
//
// Source: ONNX `Operators.md`.

let onnxOptionalOperators: [ONNXOperator] = [
  ONNXOperator("Identity", inputs: 1...1, structured: { node, _ in
    [try node.anyInput(0)]
  }),
  ONNXOperator("Optional", since: 15, inputs: 0...1, structured: { node, _ in
    _ = node.attributes.has("type")
    return [.optional(node.value(0))]
  }),
  ONNXOperator("OptionalHasElement", since: 15, inputs: 0...1, structured: { node, graph in
    let has: Bool
    if case .optional(let element) = node.value(0) {
      has = element != nil
    } else {
      has = node.value(0) != nil
    }
    return [.tensor(graph.constant(Tensor.from(integers: [has ? 1 : 0], .bool, .scalar)))]
  }),
  ONNXOperator("OptionalGetElement", since: 15, inputs: 1...1, structured: { node, _ in
    let value = try node.anyInput(0)
    guard case .optional(let element) = value else { return [value] }
    guard let element else { throw node.invalid("its optional has no element") }
    return [element]
  }),
]
