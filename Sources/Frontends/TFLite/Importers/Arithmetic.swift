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
  fileprivate mutating func binary(_ operation: any Operation, _ call: OperatorCall) throws -> Value {
    try add(operation, [try operand(0, call), try operand(1, call)], call)
  }

  /// - Throws: `UnsupportedFeature` where operand 0 is not a plain float tensor.
  mutating func requireFloats(_ call: OperatorCall) throws {
    let type = type(of: try operand(0, call))
    guard type.element.isFloat else {
      throw UnsupportedFeature("\(call.name) on \(type.element.rawValue)")
    }
  }
}
