import IR

let arithmeticOperators: [OperatorEntry] = [
  OperatorEntry("ADD", version: 5, 2) { call, graph in
    var operation = Add()
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    return [try graph.binary(operation, call)]
  },
  OperatorEntry("SUB", version: 5, 2) { call, graph in
    var operation = Subtract()
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    return [try graph.binary(operation, call)]
  },
  OperatorEntry("MUL", version: 7, 2) { call, graph in
    var operation = Multiply()
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    return [try graph.binary(operation, call)]
  },
  OperatorEntry("DIV", version: 2, 2) { call, graph in
    var operation = Divide()
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    return [try graph.binary(operation, call)]
  },
  OperatorEntry("MAXIMUM", version: 4, 2) { call, graph in [try graph.binary(Maximum(), call)] },
  OperatorEntry("MINIMUM", version: 4, 2) { call, graph in [try graph.binary(Minimum(), call)] },
  OperatorEntry("POW", version: 1, 2) { call, graph in [try graph.binary(Power(), call)] },
  OperatorEntry("SQUARED_DIFFERENCE", version: 2, 2) { call, graph in
    if try graph.outputType(0, call).isQuantized {
      return [try graph.binary(SquaredDifference(), call)]
    }
    let difference = try graph.binary(Subtract(), call)
    return [try graph.add(Multiply(), [difference, difference], call)]
  },
  OperatorEntry("FLOOR_DIV", version: 3, 2) { call, graph in
    if graph.type(of: try graph.operand(0, call)).element.isFloat {
      return [try graph.add(Floor(), [try graph.binary(Divide(), call)], call)]
    }
    // Without its remainder the dividend is a multiple of the divisor.
    let (a, b) = (try graph.operand(0, call), try graph.operand(1, call))
    let whole = try graph.add(Subtract(), [a, try graph.binary(Modulo(), call)], call)
    return [try graph.add(Divide(), [whole, b], call)]
  },
  OperatorEntry("ATAN2", version: 1, 2) { call, graph in [try graph.binary(ArcTangent2(), call)] },
  stableBinary("STABLEHLO_ADD", Add()),
  stableBinary("STABLEHLO_MULTIPLY", Multiply()),
  stableBinary("STABLEHLO_MAXIMUM", Maximum()),
  stableBinary("STABLEHLO_MINIMUM", Minimum()),
  OperatorEntry("FLOOR_MOD", version: 2, 2) { call, graph in [try graph.binary(Modulo(), call)] },
  OperatorEntry("SQUARE", version: 1, 1) { call, graph in
    let x = try graph.operand(0, call)
    return [try graph.add(Multiply(), [x, x], call)]
  },
  OperatorEntry("ADD_N", version: 1, 1...1_000_000) { call, graph in
    var sum = try graph.operand(0, call)
    for index in call.inputs.indices.dropFirst() {
      sum = try graph.add(Add(), [sum, try graph.operand(index, call)], call)
    }
    return [sum]
  },
]

/// StableHLO's operators take operands of one shape and no activation.
private func stableBinary(_ name: String, _ operation: any Operation) -> OperatorEntry {
  OperatorEntry(name, version: 1, 2) { call, graph in
    let (a, b) = (try graph.operand(0, call), try graph.operand(1, call))
    guard !graph.type(of: a).isQuantized else {
      throw UnsupportedFeature("\(name) on quantised tensors")
    }
    return [try graph.add(operation, [a, b], call)]
  }
}

extension GraphImporter {
  fileprivate mutating func binary(
    _ operation: any Operation, _ call: OperatorCall
  ) throws -> Value {
    try requireGeneralScales(call)
    return try add(operation, [try operand(0, call), try operand(1, call)], call)
  }

  /// 16-bit sums have a second form for scales that are powers of two, which is not translated.
  private mutating func requireGeneralScales(_ call: OperatorCall) throws {
    guard ["ADD", "SUB"].contains(call.name), call.options.int("pot_scale_int16", default: 1) != 0
    else { return }
    let types = [type(of: try operand(0, call)), type(of: try operand(1, call))]
    let scales = (types + [try outputType(0, call)]).map { $0.quantization?.scale ?? 1 }
    guard types[0].element == .i16, types[0].isQuantized, scales.allSatisfy({ $0.significand == 1 })
    else { return }
    throw UnsupportedFeature("16-bit \(call.name) with scales that are powers of two")
  }

  /// - Throws: `UnsupportedFeature` where operand 0 is not a plain float tensor.
  mutating func requireFloats(_ call: OperatorCall) throws {
    let type = type(of: try operand(0, call))
    guard type.element.isFloat else {
      throw UnsupportedFeature("\(call.name) on \(type.element.rawValue)")
    }
  }
}
