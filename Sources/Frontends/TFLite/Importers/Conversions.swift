import IR

let conversionOperators: [OperatorEntry] = [
  OperatorEntry("QUANTIZE", version: 6, 1) { call, graph in
    let x = try graph.operand(0, call)
    let element = try graph.outputType(0, call).element
    if graph.type(of: x).element.isFloat {
      return [try graph.add(Quantize(to: element, ties: .away), [x], call)]
    }
    return [try graph.add(Rescale(to: element, rounding: .double), [x], call)]
  },
  OperatorEntry("DEQUANTIZE", version: 9, 1) { call, graph in
    let x = try graph.operand(0, call)
    if graph.type(of: x).element.isFloat { return [try graph.add(Cast(to: .f32), [x], call)] }
    return [try graph.add(Dequantize(), [x], call)]
  },
  OperatorEntry("CAST", version: 9, 1) { call, graph in
    let x = try graph.operand(0, call)
    let element = try graph.outputType(0, call).element
    // CAST converts stored numbers and looks at no scale.
    let plain =
      graph.type(of: x).isQuantized
      ? try graph.add(StorageCast(), [x], quantization: nil, call) : x
    return [try graph.add(Cast(to: element), [plain], quantization: nil, call)]
  },
]
