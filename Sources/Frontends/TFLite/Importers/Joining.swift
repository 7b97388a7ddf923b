import IR

let joiningOperators: [OperatorEntry] = [
  OperatorEntry("CONCATENATION", version: 7, 1...1_000_000) { call, graph in
    let operands = try graph.alignedOperands(call)
    let axis = try graph.axis(
      call.options.int("axis"), rank: graph.type(of: operands[0]).rank, call)
    return [try graph.activated(try graph.add(Concat(axis: axis), operands, call), call)]
  },
  OperatorEntry("PACK", version: 5, 1...1_000_000) { call, graph in
    var slabs: [Value] = []
    for operand in try graph.alignedOperands(call) {
      var shape = graph.type(of: operand).shape.dimensions
      let axis = try graph.axis(call.options.int("axis"), rank: shape.count + 1, call)
      shape.insert(1, at: axis)
      slabs.append(try graph.reshape(operand, to: shape, call))
    }
    let axis = try graph.axis(call.options.int("axis"), rank: graph.type(of: slabs[0]).rank, call)
    return [try graph.add(Concat(axis: axis), slabs, call)]
  },
  OperatorEntry("PAD", version: 6, 2) { call, graph in [try graph.padded(call, value: 0)] },
  OperatorEntry("PADV2", version: 6, 3) { call, graph in
    let filler = try graph.constant(2, call)
    guard filler.count == 1, let value = filler.dequantized().floats().first else {
      throw Diagnostic.error("PADV2 needs one value to pad with")
    }
    return [try graph.padded(call, value: value)]
  },
  OperatorEntry("MIRROR_PAD", version: 3, 2) { call, graph in
    let mode = call.options.symbol("mode", first: "REFLECT")
    return [try graph.padded(call, value: 0, mode: mode == "REFLECT" ? .reflect : .symmetric)]
  },
]

extension GraphImporter {
  /// All operands, quantised ones under the output's parameters.
  fileprivate mutating func alignedOperands(_ call: OperatorCall) throws -> [Value] {
    let output = try outputType(0, call)
    var operands: [Value] = []
    for index in call.inputs.indices {
      let value = try operand(index, call)
      let type = type(of: value)
      guard type.isQuantized, output.isQuantized, type.quantization != output.quantization else {
        operands.append(value)
        continue
      }
      // The kernel for bytes without a sign computes in floats.
      if output.element == .u8 {
        let real = try plain(Dequantize(), [value], call)
        let stored = Quantize(to: .u8, ties: .away)
        operands.append(try add(stored, [real], quantization: output.quantization, call))
        continue
      }
      let rescale = Rescale(to: output.element, rounding: .double)
      operands.append(try add(rescale, [value], quantization: output.quantization, call))
    }
    return operands
  }

  fileprivate mutating func padded(
    _ call: OperatorCall, value: Float, mode: Pad.Mode = .constant
  ) throws -> Value {
    let x = try operand(0, call)
    let rank = type(of: x).rank
    let amounts = try integers(1, call)
    guard amounts.count == 2 * rank, amounts.allSatisfy({ $0 >= 0 }) else {
      throw Diagnostic.error("\(call.name) needs two amounts for each of \(rank) axes")
    }
    var operation = Pad(
      before: (0..<rank).map { amounts[2 * $0] }, after: (0..<rank).map { amounts[2 * $0 + 1] },
      value: value)
    operation.mode = mode
    return try add(operation, [x], call)
  }
}
