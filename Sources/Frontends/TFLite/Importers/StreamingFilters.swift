import IR

let streamingOperators: [OperatorEntry] = [
  OperatorEntry("SVDF", version: 4, 5) { call, graph in
    let x = graph.type(of: try graph.operand(0, call))
    let result = x.isQuantized ? try graph.integerSVDF(call) : try graph.floatSVDF(call)
    return [result]
  }
]

// Source: TFLite `reference/svdf.h`. The state holds the last products of every filter, the oldest
// first.
extension GraphImporter {
  fileprivate mutating func integerSVDF(_ call: OperatorCall) throws -> Value {
    var operation = QuantizedSVDF()
    operation.rank = call.options.int("rank")
    var operands = [
      try operand(0, call), try operand(1, call), try operand(2, call), try operand(4, call),
    ]
    if let bias = try optionalOperand(3, call) { operands.append(bias) }
    let memory = type(of: operands[3]).quantization
    let output = try outputType(0, call).quantization
    let results = try insert(operation, operands, quantization: [output, memory], call)
    try store(results[1], in: call.inputs[4], call)
    // The kernel applies no activation here.
    return results[0]
  }

  /// Weights of 8 bits are dequantised.
  fileprivate mutating func floatSVDF(_ call: OperatorCall) throws -> Value {
    try requireFloats(call)
    let x = try operand(0, call)
    let (feature, time) = (try plainWeights(1, call), try plainWeights(2, call))
    let memory = try operand(4, call)
    let rank = call.options.int("rank")
    let (batch, filters) = (type(of: x).shape, type(of: feature).shape)
    let length = type(of: time).shape
    guard batch.rank == 2, filters.rank == 2, length.rank == 2, rank > 0, length[1] > 0,
      filters[0] % rank == 0, length[0] == filters[0],
      type(of: memory).shape == [batch[0], filters[0] * length[1]]
    else { throw Diagnostic.error("SVDF has filters that do not fit each other") }
    let cube = [batch[0], filters[0], length[1]]
    let products = try plain(FullyConnected(), [x, feature], call)
    let newest = try reshape(products, to: [batch[0], filters[0], 1], call)
    var kept = [newest]
    if length[1] > 1 {
      let slice = Slice(start: [0, 0, 1], size: [batch[0], filters[0], length[1] - 1])
      kept.insert(try plain(slice, [try reshape(memory, to: cube, call)], call), at: 0)
    }
    let next = try plain(Concat(axis: 2), kept, call)
    try store(try reshape(next, to: [batch[0], cube[1] * cube[2]], call), in: call.inputs[4], call)
    let weighted = try plain(Multiply(), [next, time], call)
    let units = filters[0] / rank
    let grouped = try reshape(weighted, to: [batch[0], units, rank * length[1]], call)
    var sum = ReduceSum()
    (sum.axes, sum.keepDimensions) = ([2], false)
    var result = try plain(sum, [grouped], call)
    if let bias = try optionalOperand(3, call) { result = try plain(Add(), [result, bias], call) }
    return try activate(result, call)
  }
}
