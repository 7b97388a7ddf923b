import IR

extension NPULowering {
  mutating func lowerBinary(_ node: Node) throws {
    let types = node.operands.map { graph[$0] } + [graph[node.results[0]]]
    var binary = NPUElementwise(.add, NPUFeatureMap(), NPUFeatureMap(), output: NPUFeatureMap())
    switch node.operation {
    case let op as Add: set(&binary, .add, op.quantizedForm(types[0], types[1], types[2]))
    case let op as Subtract: set(&binary, .subtract, op.quantizedForm(types[0], types[1], types[2]))
    case let op as Multiply:
      let scaling = NPUScaling(op.quantizedForm(types[0], types[1], types[2]).output)
      binary.function = .multiply
      (binary.scale, binary.stage) = (scaling.scale(0), scaling.stage)
    case is Maximum: binary.function = .maximum
    default: binary.function = .minimum
    }
    let output = try result(node)
    var inputs: [NPUOperand] = []
    for value in node.operands { inputs.append(try broadcast(value, to: node.results[0], output)) }
    // The machine broadcasts channels of the second operand only.
    if inputs[0].channels < output.channels && inputs[1].channels == output.channels {
      guard binary.function != .subtract else {
        throw NPUFailure(reason: "the first operand of 'sub' has one channel for many")
      }
      inputs.swapAt(0, 1)
      swap(&binary.firstScale, &binary.secondScale)
    }
    guard inputs[0].channels == output.channels else {
      throw NPUFailure(reason: "both operands have fewer channels than the result")
    }
    add(.elementwise(binary), inputs, output, node)
  }

  private func set(
    _ binary: inout NPUElementwise, _ function: NPUBinaryFunction, _ form: QuantizedSum
  ) {
    let scaling = NPUScaling(form.output)
    binary.function = function
    binary.leftShift = Int(QuantizedSum.leftShift)
    binary.firstScale = NPUScale(form.first)
    binary.secondScale = NPUScale(form.second)
    (binary.scale, binary.stage) = (scaling.scale(0), scaling.stage)
  }

  /// A value under the result's view, repeated where its extents are 1.
  private mutating func broadcast(
    _ value: Value, to result: Value, _ output: NPUOperand
  ) throws -> NPUOperand {
    let wanted = graph[result].shape
    let own = graph[value].shape
    var operand = output
    operand.storage = try storage(of: value)
    operand.zeroPoint = Int(graph[value].quantization?.zeroPoint ?? 0)
    if own.count == wanted.count { return operand }
    let padded: [Int] = Array(repeating: 1, count: wanted.rank - own.rank) + own.dimensions
    let rank: Int = wanted.rank
    let isPlain: Bool = output.width == (rank > 1 ? wanted[rank - 2] : 1)
    operand.channels = padded[rank - 1]
    operand.repeatsPixels = rank > 1 && padded[rank - 2] == 1 && output.width > 1
    let outer: [Int] = Array(padded.dropLast().dropLast())
    let wantedOuter: [Int] = Array(wanted.dimensions.dropLast().dropLast())
    operand.repeatsRows = outer.allSatisfy { $0 == 1 } && output.height > 1
    let single: Bool = own.count == operand.channels
    guard single || (isPlain && (operand.repeatsRows || outer == wantedOuter)) else {
      throw NPUFailure(reason: "a broadcast of \(own) to \(wanted) is no stride")
    }
    if single {
      operand.repeatsPixels = output.width > 1
      operand.repeatsRows = output.height > 1
    }
    return operand
  }

  mutating func lowerRescale(_ op: Rescale, _ node: Node) throws {
    let form = op.requantization(graph[node.operands[0]], graph[node.results[0]])
    try lowerScaling(NPUScaling(form), node)
  }

  mutating func lowerClamp(_ op: Clamp, _ node: Node) throws {
    let (from, to) = (graph[node.operands[0]], graph[node.results[0]])
    var form = op.requantization(from, to)
    if from.quantization == to.quantization {
      // Equal parameters move no value: factor one, rounded once, is exact.
      form.rounding = .single
    }
    try lowerScaling(NPUScaling(form), node)
  }

  private mutating func lowerScaling(_ scaling: NPUScaling, _ node: Node) throws {
    let input = try operand(node.operands[0])
    var output = try result(node)
    (output.height, output.width, output.channels) = (input.height, input.width, input.channels)
    add(.rescale(scaling.scale(0), scaling.stage), [input], output, node)
  }

  mutating func lowerSoftmax(_ op: Softmax, _ node: Node) throws {
    let input = try operand(node.operands[0])
    let form = IntegerSoftmax(
      inputScale: graph[node.operands[0]].quantization?.scale ?? 1, beta: op.beta)
    let smallest = Int(max(-255, form.smallestDifference))
    add(.softmax(NPUScale(form.multiplier), smallest), [input], try result(node), node)
  }

  mutating func lowerTable(_ node: Node) throws {
    guard let table = graph.constant(node.operands[1]) else {
      throw NPUFailure(reason: "the table is not constant")
    }
    try lowerTable(Array(table.storage.bytes), node)
  }

  /// A function of one value by its 256 results: the operation itself fills the table.
  mutating func lowerFunction(_ node: Node) throws {
    let (from, to) = (graph[node.operands[0]], graph[node.results[0]])
    let all = Tensor.from(integers: Array(-128...127), .i8, [256])
      .reinterpreted(as: TensorType(.i8, [256], from.quantization))
    let context = EvaluationContext(resultTypes: [TensorType(.i8, [256], to.quantization)])
    let results = try node.operation.evaluate([all], context)
    guard let table = results.first, table.type.byteCount == 256 else {
      throw NPUFailure(reason: "the function has no table")
    }
    try lowerTable(Array(table.storage.bytes), node)
  }

  /// - Parameter entries: results for −128…127; the machine indexes by the byte's unsigned value.
  private mutating func lowerTable(_ entries: [UInt8], _ node: Node) throws {
    let turned: [UInt8] = Array(entries[128...]) + Array(entries[..<128])
    let offset: Int = constant(turned)
    let input = try operand(node.operands[0])
    var output = try result(node)
    (output.height, output.width, output.channels) = (input.height, input.width, input.channels)
    add(.table(offset), [input], output, node)
  }
}
