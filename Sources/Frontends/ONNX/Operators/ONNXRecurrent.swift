import IR

let onnxRecurrentOperators: [ONNXOperator] = [
  ONNXOperator("RNN", since: 7, inputs: 3...6) { node, graph in
    try RecurrentImporter(node, graph, gates: 1).run { step, x, h, _ in
      let sum = try step.add(try step.projected(x), try step.recurrent(h))
      return (try step.activation(0, sum), nil)
    }
  },
  ONNXOperator("GRU", since: 7, inputs: 3...6) { node, graph in
    try RecurrentImporter(node, graph, gates: 3).run { step, x, h, _ in try step.gru(x, h) }
  },
  ONNXOperator("LSTM", since: 7, inputs: 3...8) { node, graph in
    try RecurrentImporter(node, graph, gates: 4).run { step, x, h, c in
      try step.lstm(x, h, c)
    }
  },
  ONNXOperator("DynamicQuantizeLSTM", inputs: 3...12, domain: ONNXOperator.microsoft) { node, graph in
    try RecurrentImporter(try dequantizedLayer(node, graph), graph, gates: 4, isDynamic: true)
      .run { step, x, h, c in try step.lstm(x, h, c) }
  },
]

/// ONNX's recurrent layers, one direction after the other, unrolled over their known length.
///
/// Source: ONNX `Operators.md`, `RNN`, `GRU`, `LSTM`.
private struct RecurrentImporter {
  let node: SourceNodeReader
  let graph: GraphBuilder
  let gates: Int
  let hidden: Int
  let directions: [Bool]
  let isBatchFirst: Bool
  /// [length, batch, size]
  let sequence: Value
  let length: Int
  let batch: Int
  /// Steps of each sequence, `[batch, 1]`; nil where all have as many as there are.
  let lengths: Value?
  /// Whether states are quantised by their own range before they are multiplied.
  let isDynamic: Bool

  init(
    _ node: SourceNodeReader, _ graph: GraphBuilder, gates: Int, isDynamic: Bool = false
  ) throws {
    self.isDynamic = isDynamic
    self.node = node
    self.graph = graph
    self.gates = gates
    let x = try graph.plain(try node.input(0))
    isBatchFirst = try node.attributes.flag("layout")
    sequence = isBatchFirst ? try graph.transpose(x, [1, 0, 2]) : x
    let shape = try graph.staticShape(sequence, "the sequence")
    let recurrence = try graph.staticShape(try node.input(2), "the recurrence weights")
    guard shape.rank == 3, recurrence.rank == 3 else { throw node.invalid("needs 3 dimensions") }
    (length, batch, hidden) = (shape[0], shape[1], recurrence[2])
    guard length <= 1 << 14 else { throw node.unsupported("\(length) steps are not unrolled") }
    switch try node.attributes.string("direction") ?? "forward" {
    case "forward": directions = [false]
    case "reverse": directions = [true]
    case "bidirectional": directions = [false, true]
    case let other: throw node.invalid("direction '\(other)' is not known")
    }
    _ = try node.attributes.int("hidden_size")
    guard let given = node.optional(4) else {
      lengths = nil
      return
    }
    guard graph.shape(given) == [batch] else {
      throw node.invalid("sequence lengths \(graph.type(given)) for a batch of \(batch)")
    }
    if let known = graph.constant(given)?.integers(), known.allSatisfy({ $0 == shape[0] }) {
      lengths = nil
    } else {
      let wide = try graph.emit(Cast(to: .i64), [try graph.plain(given)])
      lengths = try graph.reshape(wide, [batch, 1])
    }
  }

  typealias Body = (
    _ step: RecurrentStep, _ x: Value, _ h: Value, _ c: Value?
  ) throws -> (h: Value, c: Value?)

  func run(_ body: Body) throws -> [Value] {
    var all: [[Value]] = []
    var (lastH, lastC): ([Value], [Value]) = ([], [])
    for (direction, isReversed) in directions.enumerated() {
      let step = try RecurrentStep(self, direction)
      var h = try state(5, direction)
      var c: Value? = gates == 4 ? try state(6, direction) : nil
      var outputs = [Value](repeating: h, count: length)
      for turn in 0..<length {
        let place = isReversed ? length - 1 - turn : turn
        let x = try piece(sequence, 0, place, [batch, graph.shape(sequence)[2]])
        let next = try body(step, x, h, c)
        guard let lengths else {
          (h, c) = next
          outputs[place] = h
          continue
        }
        // Beyond a sequence's end its state stays and its outputs are zero.
        let isWithin = try graph.emit(Less(), [graph.scalar(Double(place), .i64), lengths])
        let zero = graph.scalar(0, graph.type(h).element)
        h = try graph.emit(Select(), [isWithin, next.h, h])
        if let old = c, let new = next.c { c = try graph.emit(Select(), [isWithin, new, old]) }
        outputs[place] = try graph.emit(Select(), [isWithin, next.h, zero])
      }
      all.append(outputs)
      lastH.append(h)
      if let c { lastC.append(c) }
    }
    var results = [try sequenceOutput(all), try stateOutput(lastH)]
    if gates == 4 { results.append(try stateOutput(lastC)) }
    return results
  }

  /// Index `index` of `axis`, reshaped.
  func piece(_ x: Value, _ axis: Int, _ index: Int, _ extents: [Int]) throws -> Value {
    let shape = try graph.staticShape(x, "an operand")
    guard index < shape[axis] else { throw node.invalid("an operand has the shape \(shape)") }
    var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
    slice.start[axis] = index
    slice.size[axis] = 1
    return try graph.reshape(try graph.slice(x, slice, node), extents)
  }

  /// The initial state of one direction, zeros where it is left out.
  private func state(_ index: Int, _ direction: Int) throws -> Value {
    guard let given = node.optional(index) else {
      let zero = graph.scalar(0, graph.type(sequence).element)
      return try graph.broadcast(zero, to: [batch, hidden])
    }
    return try piece(given, isBatchFirst ? 1 : 0, direction, [batch, hidden])
  }

  /// [length, directions, batch, hidden], or [batch, length, directions, hidden].
  private func sequenceOutput(_ all: [[Value]]) throws -> Value {
    let steps = try (0..<length).flatMap { turn in
      try all.map { try graph.reshape($0[turn], [1, 1, batch, hidden]) }
    }
    guard !steps.isEmpty else { throw node.unsupported("a sequence of no steps") }
    let joined = try graph.reshape(
      try graph.emit(Concat(axis: 0), steps), [length, directions.count, batch, hidden])
    return isBatchFirst ? try graph.transpose(joined, [2, 0, 1, 3]) : joined
  }

  /// [directions, batch, hidden], or [batch, directions, hidden].
  private func stateOutput(_ states: [Value]) throws -> Value {
    let rows = try states.map { try graph.reshape($0, [1, batch, hidden]) }
    let joined = try graph.emit(Concat(axis: 0), rows)
    return isBatchFirst ? try graph.transpose(joined, [1, 0, 2]) : joined
  }
}

/// One step of one direction: its weights, biases and activations.
private struct RecurrentStep {
  private let graph: GraphBuilder
  private let node: SourceNodeReader
  private let hidden: Int
  private let batch: Int
  private let weights: Value
  private let recurrence: Value
  private let inputBias: Value?
  private let recurrentBias: Value?
  private let peepholes: Value?
  private let activations: [RecurrentActivation]
  private let isDynamic: Bool
  private let clip: Float?
  private let e: Expression
  private let resetsAfter: Bool
  private let couplesGates: Bool

  init(_ layer: RecurrentImporter, _ direction: Int) throws {
    graph = layer.graph
    node = layer.node
    hidden = layer.hidden
    batch = layer.batch
    let rows = layer.gates * layer.hidden
    let size = graph.shape(layer.sequence)[2]
    e = Expression(graph, graph.type(layer.sequence).element)
    weights = try layer.piece(try node.input(1), 0, direction, [rows, size])
    recurrence = try layer.piece(try node.input(2), 0, direction, [rows, layer.hidden])
    if let bias = node.optional(3) {
      let both = try layer.piece(bias, 0, direction, [2, rows])
      inputBias = try layer.piece(both, 0, 0, [rows])
      recurrentBias = try layer.piece(both, 0, 1, [rows])
    } else {
      (inputBias, recurrentBias) = (nil, nil)
    }
    peepholes = try layer.gates == 4
      ? node.optional(7).map { try layer.piece($0, 0, direction, [3, layer.hidden]) } : nil
    clip = try node.attributes.float("clip")
    resetsAfter = try node.attributes.flag("linear_before_reset")
    couplesGates = try node.attributes.flag("input_forget")
    let defaults = layer.gates == 1 ? ["Tanh"] : layer.gates == 3
      ? ["Sigmoid", "Tanh"] : ["Sigmoid", "Tanh", "Tanh"]
    let names = try node.attributes.strings("activations")
      ?? Array(repeating: defaults, count: layer.directions.count).flatMap { $0 }
    guard names.count == defaults.count * layer.directions.count else {
      throw layer.node.invalid("\(names.count) activations")
    }
    isDynamic = layer.isDynamic
    // Every activation takes the next parameters that it has use for.
    var alphas = (try node.attributes.floats("activation_alpha") ?? [])[...]
    var betas = (try node.attributes.floats("activation_beta") ?? [])[...]
    let all = try names.map { try RecurrentActivation($0, &alphas, &betas, layer.node) }
    activations = Array(all[(direction * defaults.count)...].prefix(defaults.count))
  }

  func add(_ a: Value, _ b: Value) throws -> Value { try e.add(a, b) }

  func activation(_ index: Int, _ x: Value) throws -> Value {
    var bounded = x
    if let clip {
      var clamp = Clamp()
      (clamp.minimum, clamp.maximum) = (-clip, clip)
      bounded = try e.unary(clamp, x)
    }
    return try activations[index].apply(e, bounded)
  }

  /// All gates' share of the input, biases included: [batch, gates · hidden].
  func projected(_ x: Value) throws -> Value {
    try graph.emit(FullyConnected(), [x, weights] + (inputBias.map { [$0] } ?? []))
  }

  /// All gates' share of the state, biases included.
  func recurrent(_ h: Value) throws -> Value {
    let state = isDynamic ? try graph.requantized(h, node) : h
    return try graph.emit(
      FullyConnected(), [state, recurrence] + (recurrentBias.map { [$0] } ?? []))
  }

  /// Gate `index` of [batch, gates · hidden], or of [gates · hidden].
  private func gate(_ x: Value, _ index: Int) throws -> Value {
    let shape = graph.shape(x)
    var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
    slice.start[shape.rank - 1] = index * hidden
    slice.size[shape.rank - 1] = hidden
    return try graph.slice(x, slice, node)
  }

  /// Gates z, r, h: `H = (1 − z) · h + z · H₋₁`.
  func gru(_ x: Value, _ h: Value) throws -> (h: Value, c: Value?) {
    let input = try projected(x)
    let state = try recurrent(h)
    let z = try activation(0, try add(try gate(input, 0), try gate(state, 0)))
    let r = try activation(0, try add(try gate(input, 1), try gate(state, 1)))
    let candidate: Value
    if resetsAfter {
      candidate = try e.multiply(r, try gate(state, 2))
    } else {
      let shape = graph.shape(recurrence)
      let rows = try graph.slice(
        recurrence, Slice(start: [2 * hidden, 0], size: [hidden, shape[1]]), node)
      let bias = try recurrentBias.map { [try gate($0, 2)] } ?? []
      candidate = try graph.emit(FullyConnected(), [try e.multiply(r, h), rows] + bias)
    }
    let fresh = try activation(1, try add(try gate(input, 2), candidate))
    let kept = try e.multiply(z, h)
    return (try add(try e.multiply(try e.subtract(e.number(1), z), fresh), kept), nil)
  }

  /// Gates i, o, f, c: `C = f · C₋₁ + i · c`, `H = o · h(C)`, with peepholes i, o, f.
  func lstm(_ x: Value, _ h: Value, _ c: Value?) throws -> (h: Value, c: Value?) {
    guard let c else { throw node.invalid("has no cell") }
    let sum = try add(try projected(x), try recurrent(h))
    func gated(_ index: Int, _ cell: Value, _ peephole: Int) throws -> Value {
      var part = try gate(sum, index)
      if let peepholes {
        let row = try graph.slice(
          peepholes, Slice(start: [peephole, 0], size: [1, hidden]), node)
        part = try add(part, try e.multiply(row, cell))
      }
      return try activation(0, part)
    }
    let i = try gated(0, c, 0)
    let f = couplesGates ? try e.subtract(e.number(1), i) : try gated(2, c, 2)
    let fresh = try activation(1, try gate(sum, 3))
    let cell = try add(try e.multiply(f, c), try e.multiply(i, fresh))
    let o = try gated(1, cell, 1)
    return (try e.multiply(o, try activation(2, cell)), cell)
  }
}
