import IR

let recurrentOperators: [OperatorEntry] = [
  OperatorEntry("UNIDIRECTIONAL_SEQUENCE_LSTM", version: 4, 20...24) { call, graph in
    if graph.type(of: try graph.operand(0, call)).isQuantized {
      return [try graph.quantizedLSTM(call)]
    }
    let layer = try FloatLSTM(call, &graph, first: 1, normalization: 20)
    let isTimeMajor = call.options.bool("time_major")
    let x = try graph.operand(0, call)
    return [
      try layer.unroll(x, timeMajor: isTimeMajor, reversed: false, states: (18, 19), &graph)
    ]
  },
  OperatorEntry("BIDIRECTIONAL_SEQUENCE_LSTM", version: 3, 48) { call, graph in
    guard !(39...47).contains(where: { call.inputs[$0] >= 0 }) else {
      throw UnsupportedFeature("BIDIRECTIONAL_SEQUENCE_LSTM with a second input")
    }
    let x = try graph.operand(0, call)
    let isTimeMajor = call.options.int("time_major", default: 1) != 0
    var results: [Value] = []
    for (first, reversed) in [(1, false), (18, true)] {
      let layer = try FloatLSTM(call, &graph, first: first, normalization: nil)
      let states = reversed ? (output: 37, cells: 38) : (output: 35, cells: 36)
      results.append(
        try layer.unroll(x, timeMajor: isTimeMajor, reversed: reversed, states: states, &graph))
    }
    guard call.options.bool("merge_outputs") else { return results }
    return [try graph.plain(Concat(axis: 2), results, call)]
  },
  OperatorEntry("LSTM", version: 4, 20...24) { call, graph in
    guard call.options.symbol("kernel_type", first: "FULL") == "FULL" else {
      throw UnsupportedFeature("LSTM of the kind BASIC")
    }
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape.dimensions
    guard shape.count == 2 else { throw Diagnostic.error("LSTM needs rows, not \(shape)") }
    let layer = try FloatLSTM(call, &graph, first: 1, normalization: 20)
    let step = try graph.reshape(x, to: [1] + shape, call)
    let result = try layer.unroll(
      step, timeMajor: true, reversed: false, states: (18, 19), &graph)
    let cells = graph.type(of: result).shape[2]
    return [try graph.reshape(result, to: [shape[0], cells], call)]
  },
  OperatorEntry("UNIDIRECTIONAL_SEQUENCE_RNN", version: 3, 5) { call, graph in
    let isTimeMajor = call.options.bool("time_major")
    let x = try graph.operand(0, call)
    return [try graph.simpleRecurrence(call, x, first: 1, timeMajor: isTimeMajor)]
  },
  OperatorEntry("BIDIRECTIONAL_SEQUENCE_RNN", version: 3, 12) { call, graph in
    guard !(9...11).contains(where: { call.inputs[$0] >= 0 }) else {
      throw UnsupportedFeature("BIDIRECTIONAL_SEQUENCE_RNN with a second input")
    }
    let isTimeMajor = call.options.bool("time_major")
    let x = try graph.operand(0, call)
    var results: [Value] = []
    for (first, reversed) in [(1, false), (5, true)] {
      results.append(
        try graph.simpleRecurrence(
          call, x, first: first, timeMajor: isTimeMajor, reversed: reversed))
    }
    guard call.options.bool("merge_outputs") else { return results }
    return [try graph.plain(Concat(axis: 2), results, call)]
  },
  OperatorEntry("RNN", version: 3, 5) { call, graph in
    let x = try graph.operand(0, call)
    let shape = graph.type(of: x).shape.dimensions
    guard shape.count == 2 else { throw Diagnostic.error("RNN needs rows, not \(shape)") }
    let step = try graph.reshape(x, to: [1] + shape, call)
    let result = try graph.simpleRecurrence(call, step, first: 1, timeMajor: true)
    return [try graph.reshape(result, to: [shape[0], graph.type(of: result).shape[2]], call)]
  },
]

extension GraphImporter {
  /// `y[t] = f(W x[t] + R y[t−1] + b)`; the operands from `first` on are W, R, b and what keeps the
  /// last output from run to run.
  fileprivate mutating func simpleRecurrence(
    _ call: OperatorCall, _ x: Value, first: Int, timeMajor: Bool, reversed: Bool = false
  ) throws -> Value {
    try requireFloats(call)
    var sequence = try Sequence(x, timeMajor, call, &self)
    let weights = try [first, first + 1].map { try plainWeights($0, call) }
    let bias = try operand(first + 2, call)
    let product = try plain(FullyConnected(), [sequence.rows, weights[0], bias], call)
    sequence.rows = product
    let cells = type(of: product).shape[1]
    var output = try initialState(first + 3, [sequence.batches, cells], call)
    var outputs: [Value] = []
    for place in 0..<sequence.steps {
      let step = reversed ? sequence.steps - 1 - place : place
      let own = try sequence.step(step, call, &self)
      let fed = try plain(FullyConnected(), [output, weights[1]], call)
      output = try activate(try plain(Add(), [own, fed], call), call)
      outputs.append(output)
    }
    try keep(output, first + 3, call)
    return try sequence.join(reversed ? outputs.reversed() : outputs, call, &self)
  }

  /// The float state that operand `index` keeps from run to run; zeros where it is left out.
  mutating func initialState(_ index: Int, _ shape: Shape, _ call: OperatorCall) throws -> Value {
    guard index < call.inputs.count, call.inputs[index] >= 0 else { return zeros(shape) }
    let state = try operand(index, call)
    guard type(of: state) == TensorType(.f32, shape) else {
      throw Diagnostic.error("\(call.name) keeps \(type(of: state)), not [\(shape)]")
    }
    return state
  }

  /// Lets operand `index`, a variable tensor, be `value` in the next run.
  mutating func keep(_ value: Value, _ index: Int, _ call: OperatorCall) throws {
    guard index < call.inputs.count, call.inputs[index] >= 0,
      file.tensor(call.inputs[index], in: subgraphIndex).is_variable
    else { return }
    try store(value, in: call.inputs[index], call)
  }

  /// The fused activation of a recurrent operator, which may be any function.
  mutating func activate(_ x: Value, _ call: OperatorCall) throws -> Value {
    switch call.options.symbol("fused_activation_function", first: "NONE") {
    case "TANH": return try plain(Tanh(), [x], call)
    default: return try activated(x, call)
    }
  }

  /// Weights as floats.
  mutating func plainWeights(_ index: Int, _ call: OperatorCall) throws -> Value {
    let weights = try operand(index, call)
    return type(of: weights).isQuantized ? try plain(Dequantize(), [weights], call) : weights
  }

  mutating func zeros(_ shape: Shape) -> Value {
    let type = TensorType(.f32, shape)
    return rewriter.constant(Tensor(type, storage: Storage(byteCount: type.byteCount) { _ in }))
  }
}

/// A sequence of rows, `[batch, time, …]` or `[time, batch, …]`, on which all steps' products are
/// computed at once.
struct Sequence {
  let isTimeMajor: Bool
  let batches: Int
  let steps: Int
  /// All rows below each other, in the sequence's own order.
  var rows: Value

  /// The largest number of steps that is written out one by one.
  private static let limit = 4096

  init(
    _ x: Value, _ isTimeMajor: Bool, _ call: OperatorCall, _ graph: inout GraphImporter
  ) throws {
    let shape = graph.type(of: x).shape
    guard shape.rank == 3 else {
      throw Diagnostic.error("\(call.name) needs a sequence, not [\(shape)]")
    }
    self.isTimeMajor = isTimeMajor
    (batches, steps) = isTimeMajor ? (shape[1], shape[0]) : (shape[0], shape[1])
    guard steps <= Sequence.limit else {
      throw UnsupportedFeature("\(call.name) over \(steps) steps")
    }
    rows = try graph.reshape(x, to: [shape[0] * shape[1], shape[2]], call)
  }

  /// The rows of one step.
  func step(_ index: Int, _ call: OperatorCall, _ graph: inout GraphImporter) throws -> Value {
    let width = graph.type(of: rows).shape[1]
    let shape = isTimeMajor ? [steps, batches, width] : [batches, steps, width]
    let cube = try graph.reshape(rows, to: shape, call)
    let slice =
      isTimeMajor
      ? Slice(start: [index, 0, 0], size: [1, batches, width])
      : Slice(start: [0, index, 0], size: [batches, 1, width])
    return try graph.reshape(try graph.plain(slice, [cube], call), to: [batches, width], call)
  }

  /// The steps' results as a sequence of the same kind.
  func join(
    _ results: [Value], _ call: OperatorCall, _ graph: inout GraphImporter
  ) throws -> Value {
    guard let first = results.first else {
      throw UnsupportedFeature("\(call.name) over no steps")
    }
    let width = graph.type(of: first).shape[1]
    var slabs: [Value] = []
    for result in results {
      let shape = isTimeMajor ? [1, batches, width] : [batches, 1, width]
      slabs.append(try graph.reshape(result, to: shape, call))
    }
    return try graph.plain(Concat(axis: isTimeMajor ? 0 : 1), slabs, call)
  }
}
