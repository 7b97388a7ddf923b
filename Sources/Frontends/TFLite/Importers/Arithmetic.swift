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
    try graph.requireFloats(call)
    return [try graph.activated(try graph.binary(Divide(), call), call)]
  },
  OperatorEntry("MAXIMUM", version: 4, 2) { call, graph in [try graph.binary(Maximum(), call)] },
  OperatorEntry("MINIMUM", version: 4, 2) { call, graph in [try graph.binary(Minimum(), call)] },
  OperatorEntry("POW", version: 1, 2) { call, graph in [try graph.binary(Power(), call)] },
  OperatorEntry("SQUARED_DIFFERENCE", version: 2, 2) { call, graph in
    try graph.requireFloats(call)
    let difference = try graph.binary(Subtract(), call)
    return [try graph.add(Multiply(), [difference, difference], call)]
  },
]

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
    guard types[0].element == .i16, scales.allSatisfy({ $0.significand == 1 }) else { return }
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
