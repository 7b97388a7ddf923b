import IR

let onnxMatrixOperators: [ONNXOperator] = [
  ONNXOperator("Inverse", inputs: 1, domain: ONNXOperator.microsoft) { node, graph in
    [try graph.emit(MatrixInverse(), [try graph.plain(try node.input(0))])]
  },
  ONNXOperator("MaxRoiPool", inputs: 2) { node, graph in
    var operation = RegionMaxPool()
    guard let size = try node.attributes.ints("pooled_shape"), size.count == 2 else {
      throw node.invalid("needs pooled_shape with two entries")
    }
    operation.size = size
    operation.scale = try node.attributes.float("spatial_scale", default: 1)
    return [try graph.emit(operation, try node.allInputs().map { try graph.plain($0) })]
  },
]
