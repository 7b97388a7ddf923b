import IR

// Recurrent cells in integers. Their kernels keep the state in variable tensors, which start from
// zeros: a state of the function that such an operation alone reads and sets.

extension SubgraphWriter {
  /// The states that operations keep in variable tensors, by their place among the states.
  func variableTensors() -> Set<Int> {
    var result: Set<Int> = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      for (operand, next) in keptStates(node) {
        if let place = ownState(operand, next) { result.insert(place) }
      }
    }
    return result
  }

  /// Operands of `node` that are states, with its results that they are in the next run.
  private func keptStates(_ node: Node) -> [(Value, Value)] {
    switch node.operation {
    case is QuantizedLSTM where node.results.count == 3:
      Array(zip(node.operands.suffix(2), node.results.suffix(2)))
    case is QuantizedSVDF where node.results.count == 2: [(node.operands[3], node.results[1])]
    default: []
    }
  }

  /// The place of the state `operand` where it starts from zeros and `next` alone sets it.
  private func ownState(_ operand: Value, _ next: Value) -> Int? {
    guard let place = graph.stateArguments.firstIndex(of: operand), graph.hasOneUse(operand),
      graph.hasOneUse(next)
    else { return nil }
    let index = place - graph.stateArguments.startIndex
    let results = Array(graph.stateResults)
    guard results[index] == next, let first = graph.constant(graph.initialStates[index]) else {
      return nil
    }
    let zero = Int(first.type.quantization?.zeroPoint ?? 0)
    return first.integers().allSatisfy { $0 == zero } ? index : nil
  }

  /// Writes a recurrent cell; false where `node` is none.
  mutating func emitRecurrent(_ node: Node) throws -> Bool {
    switch node.operation {
    case let cell as QuantizedLSTM: try emit(cell, node)
    case let filter as QuantizedSVDF: try emit(filter, node)
    default: return false
    }
    return true
  }

  private func checkStates(_ node: Node) throws {
    let kept = keptStates(node)
    guard !kept.isEmpty, kept.allSatisfy({ ownState($0, $1) != nil }) else {
      throw OperationError(
        "TFLite's kernel keeps its state from run to run, starts it from zeros and shares it with "
          + "nothing")
    }
  }

  private mutating func emit(_ cell: QuantizedLSTM, _ node: Node) throws {
    try checkStates(node)
    let gates = (node.operands.count - 3) / 3
    var inputs = [FlatTensor?](repeating: nil, count: 24)
    inputs[0] = tensor(node.operands[0])
    for (group, first) in [1, 5, 12].enumerated() {
      for gate in 0..<gates {
        inputs[first + 4 - gates + gate] = tensor(node.operands[1 + group * gates + gate])
      }
    }
    let states = node.operands.suffix(2).map { tensor($0) }
    (inputs[18], inputs[19]) = (states[0], states[1])
    var options = FlatTable("UnidirectionalSequenceLSTMOptions")
    options.set("fused_activation_function", symbol: "TANH")
    let steps = Float(sign: .plus, exponent: cell.cellExponent, significand: 1)
    options.set("cell_clip", real: Float(cell.cellClip) * steps)
    options.set("time_major", cell.timeMajor)
    let hidden = Quantization(
      scale: cell.hiddenScale, zeroPoint: Int32(clamping: cell.hiddenZeroPoint))
    // The sums of gates have 2^−12 for a scale; the fifth is that of outputs as they are stored.
    let sums = TensorType(.i16, .scalar, Quantization(scale: 1 / 4096))
    var intermediates = (0..<4).map { _ in make(sums) }
    intermediates.append(make(TensorType(.i8, .scalar, hidden)))
    let result = make(graph[node.results[0]])
    add(
      "UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, into: [result], options: options,
      intermediates: intermediates)
    define(node.results[0], result)
    for (value, state) in zip(node.results.dropFirst(), states) { values[value] = state }
  }

  private mutating func emit(_ filter: QuantizedSVDF, _ node: Node) throws {
    try checkStates(node)
    let operands = node.operands.map { tensor($0) }
    var options = FlatTable("SVDFOptions")
    options.set("rank", filter.rank)
    options.set("fused_activation_function", symbol: "NONE")
    let bias = operands.count > 4 ? operands[4] : nil
    let inputs: [FlatTensor?] = [operands[0], operands[1], operands[2], bias, operands[3]]
    let result = make(graph[node.results[0]])
    add("SVDF", inputs, into: [result], options: options)
    define(node.results[0], result)
    values[node.results[1]] = operands[3]
  }
}
