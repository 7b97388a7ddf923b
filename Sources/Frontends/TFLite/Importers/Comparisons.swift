import IR

let comparisonOperators: [OperatorEntry] = [
  comparison("EQUAL", version: 5, swaps: false, compareEqual),
  comparison("NOT_EQUAL", version: 4, swaps: false, negates: true, compareEqual),
  comparison("LESS", version: 3, swaps: false, compareLess),
  comparison("LESS_EQUAL", version: 2, swaps: false, compareLessOrEqual),
  comparison("GREATER", version: 2, swaps: true, compareLess),
  comparison("GREATER_EQUAL", version: 3, swaps: true, compareLessOrEqual),
  logical("LOGICAL_AND", BitwiseAnd()),
  logical("LOGICAL_OR", BitwiseOr()),
  logical("BITWISE_XOR", BitwiseXor()),
  logical("RIGHT_SHIFT", ShiftRight()),
  OperatorEntry("LOGICAL_NOT", version: 1, 1) { call, graph in
    [try graph.add(BitwiseNot(), [try graph.operand(0, call)], call)]
  },
  OperatorEntry("SELECT", version: 4, 3) { call, graph in
    var condition = try graph.operand(0, call)
    let (a, b) = (try graph.operand(1, call), try graph.operand(2, call))
    let (shape, rank) = (graph.type(of: condition).shape, graph.type(of: a).rank)
    // One truth value per slab along the first axis.
    if shape.rank == 1, rank > 1 {
      let ones = [Int](repeating: 1, count: rank - 1)
      condition = try graph.reshape(condition, to: shape.dimensions + ones, call)
    }
    return [try graph.selected(condition, a, b, call)]
  },
  OperatorEntry("SELECT_V2", version: 3, 3) { call, graph in
    [
      try graph.selected(
        try graph.operand(0, call), try graph.operand(1, call), try graph.operand(2, call), call)
    ]
  },
  OperatorEntry("WHERE", version: 2, 1) { call, graph in
    [try graph.add(NonZero(), [try graph.operand(0, call)], call)]
  },
]

@Sendable private func compareEqual(_ rounding: Rounding) -> any Operation {
  var operation = Equal()
  operation.rounding = rounding
  return operation
}

@Sendable private func compareLess(_ rounding: Rounding) -> any Operation {
  var operation = Less()
  operation.rounding = rounding
  return operation
}

@Sendable private func compareLessOrEqual(_ rounding: Rounding) -> any Operation {
  var operation = LessOrEqual()
  operation.rounding = rounding
  return operation
}

private func comparison(
  _ name: String, version: Int, swaps: Bool, negates: Bool = false,
  _ make: @escaping @Sendable (Rounding) -> any Operation
) -> OperatorEntry {
  OperatorEntry(name, version: version, 2) { call, graph in
    var (a, b) = (try graph.operand(0, call), try graph.operand(1, call))
    // Orders of 16-bit integers are those of the stored ones, whatever their scales.
    if graph.type(of: a).element == .i16, !["EQUAL", "NOT_EQUAL"].contains(name) {
      a = try graph.stored(a, call)
      b = try graph.stored(b, call)
    }
    let rounding: Rounding = graph.type(of: a).isQuantized ? .double : .floatEven
    let result = try graph.add(make(rounding), swaps ? [b, a] : [a, b], call)
    return [negates ? try graph.add(BitwiseNot(), [result], call) : result]
  }
}

private func logical(_ name: String, _ operation: any Operation) -> OperatorEntry {
  OperatorEntry(name, version: 1, 2) { call, graph in
    [try graph.add(operation, [try graph.operand(0, call), try graph.operand(1, call)], call)]
  }
}

extension GraphImporter {
  /// The stored integers of `x` as numbers that mean themselves.
  mutating func stored(_ x: Value, _ call: OperatorCall) throws -> Value {
    type(of: x).isQuantized ? try add(StorageCast(), [x], quantization: nil, call) : x
  }

  /// The kernel copies stored integers, so all three stand under the result's parameters.
  fileprivate mutating func selected(
    _ condition: Value, _ a: Value, _ b: Value, _ call: OperatorCall
  ) throws -> Value {
    let quantization = try outputType(0, call).quantization
    var choices: [Value] = []
    for value in [a, b] {
      let isSame = type(of: value).quantization == quantization
      choices.append(
        isSame ? value : try add(StorageCast(), [value], quantization: quantization, call))
    }
    return try add(Select(), [condition] + choices, call)
  }
}
