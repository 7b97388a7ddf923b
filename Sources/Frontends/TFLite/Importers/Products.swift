import IR

let productOperators: [OperatorEntry] = [
  OperatorEntry("FULLY_CONNECTED", version: 14, 2...3) { call, graph in
    guard call.options.symbol("weights_format", first: "DEFAULT") == "DEFAULT" else {
      throw UnsupportedFeature("the weights format of FULLY_CONNECTED")
    }
    let (x, weights) = try graph.weighted(call)
    let (input, filter) = (graph.type(of: x).shape, graph.type(of: weights).shape)
    guard filter.rank == 2, filter[1] > 0, input.count % filter[1] == 0 else {
      throw Diagnostic.error("FULLY_CONNECTED cannot apply weights [\(filter)] to [\(input)]")
    }
    let rows = input.count / filter[1]
    var operation = FullyConnected()
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .single
    let matrix = try graph.reshape(x, to: [rows, filter[1]], call)
    let product = try graph.add(operation, [matrix, weights] + graph.bias(call), call)
    guard call.options.bool("keep_num_dims"), input.rank > 0 else { return [product] }
    return [try graph.reshape(product, to: input.dimensions.dropLast() + [filter[0]], call)]
  },
  OperatorEntry("BATCH_MATMUL", version: 4, 2) { call, graph in
    var operation = MatMul()
    operation.rounding = .double
    var (x, y) = (try graph.operand(0, call), try graph.operand(1, call))
    if graph.type(of: x).element.isFloat, graph.type(of: y).isQuantized {
      y = try graph.add(Dequantize(), [y], quantization: nil, call)
    }
    if call.options.bool("adj_x") { x = try graph.swapLastAxes(x, call) }
    if call.options.bool("adj_y") { y = try graph.swapLastAxes(y, call) }
    return [try graph.add(operation, [x, y], call)]
  },
]

extension GraphImporter {
  fileprivate mutating func swapLastAxes(_ x: Value, _ call: OperatorCall) throws -> Value {
    let rank = type(of: x).rank
    guard rank >= 2 else { throw Diagnostic.error("\(call.name) needs matrices") }
    var order = Array(0..<rank)
    order.swapAt(rank - 1, rank - 2)
    return try add(Transpose(order), [x], quantization: type(of: x).quantization, call)
  }
}
