import IR

/// One direction of a float long short-term memory, written out step by step from a state of zeros.
///
/// Source: TFLite `lstm_eval.cc`, `LstmStepWithAuxInput`. Weights of 8 bits are dequantised.
struct FloatLSTM {
  private let call: OperatorCall
  /// Input gate (none where it is one minus the forget gate), forget gate, cell, output gate.
  private let gates: [Gate]
  private let projection: (weights: Value, bias: Value?)?

  private struct Gate {
    let weights: Value
    let recurrent: Value
    let bias: Value
    /// Factors on the cells, per cell.
    let peephole: Value?
  }

  /// - Parameters:
  ///   - first: the operand with the input gate's weights; the others follow as in TFLite.
  ///   - normalization: the first operand of layer normalisation, which is not translated.
  init(
    _ call: OperatorCall, _ graph: inout GraphImporter, first: Int, normalization: Int?
  ) throws {
    try graph.requireFloats(call)
    if let normalization, call.inputs.dropFirst(normalization).contains(where: { $0 >= 0 }) {
      throw UnsupportedFeature("\(call.name) with layer normalisation")
    }
    self.call = call
    // Peepholes exist for all gates but the cell's.
    let peepholes = [8, 9, -1, 10]
    var gates: [Gate] = []
    for index in 0..<4 where index > 0 || call.inputs[first] >= 0 {
      let peephole = peepholes[index] < 0 ? -1 : first + peepholes[index]
      gates.append(
        Gate(
          weights: try graph.plainWeights(first + index, call),
          recurrent: try graph.plainWeights(first + 4 + index, call),
          bias: try graph.operand(first + 11 + index, call),
          peephole: peephole >= 0 && call.inputs[peephole] >= 0
            ? try graph.plainWeights(peephole, call) : nil))
    }
    self.gates = gates
    let hasProjection = call.inputs[first + 15] >= 0
    projection =
      hasProjection
      ? (try graph.plainWeights(first + 15, call), try graph.optionalOperand(first + 16, call))
      : nil
    try check(&graph)
  }

  private func check(_ graph: inout GraphImporter) throws {
    let cells = graph.type(of: gates[0].bias).shape
    for gate in gates {
      let shapes = [gate.weights, gate.recurrent].map { graph.type(of: $0).shape }
      let peephole = gate.peephole.map { graph.type(of: $0).shape } ?? cells
      guard cells.rank == 1, shapes.allSatisfy({ $0.rank == 2 && $0[0] == cells[0] }),
        graph.type(of: gate.bias).shape == cells, peephole == cells
      else { throw Diagnostic.error("\(call.name) has weights that do not fit each other") }
    }
  }

  /// All outputs for the sequence `x`; with `reversed` it is walked from its end. `states` are the
  /// operands that keep the last output and the cells from run to run.
  func unroll(
    _ x: Value, timeMajor: Bool, reversed: Bool, states: (output: Int, cells: Int),
    _ graph: inout GraphImporter
  ) throws -> Value {
    let sequence = try Sequence(x, timeMajor, call, &graph)
    var products: [Sequence] = []
    for gate in gates {
      var product = sequence
      product.rows = try graph.plain(
        FullyConnected(), [sequence.rows, gate.weights, gate.bias], call)
      products.append(product)
    }
    var cells = try graph.initialState(
      states.cells, [sequence.batches, graph.type(of: gates[0].bias).shape[0]], call)
    var output = try graph.initialState(
      states.output, [sequence.batches, graph.type(of: gates[0].recurrent).shape[1]], call)
    var outputs: [Value] = []
    for place in 0..<sequence.steps {
      let step = reversed ? sequence.steps - 1 - place : place
      var sums: [Value] = []
      for (gate, product) in zip(gates, products) {
        let fed = try graph.plain(FullyConnected(), [output, gate.recurrent], call)
        let own = try product.step(step, call, &graph)
        sums.append(try graph.plain(Add(), [own, fed], call))
      }
      (output, cells) = try advance(sums, cells, &graph)
      outputs.append(output)
    }
    try graph.keep(output, states.output, call)
    try graph.keep(cells, states.cells, call)
    return try sequence.join(reversed ? outputs.reversed() : outputs, call, &graph)
  }

  private func advance(
    _ sums: [Value], _ cells: Value, _ graph: inout GraphImporter
  ) throws -> (output: Value, cells: Value) {
    let first = gates.count - 3
    let forget = try opening(first, sums, cells, &graph)
    let input =
      first == 0
      ? try graph.plain(Subtract(), [graph.scalar(1), forget], call)
      : try opening(0, sums, cells, &graph)
    let candidate = try graph.activate(sums[first + 1], call)
    let kept = try graph.plain(Multiply(), [forget, cells], call)
    let added = try graph.plain(Multiply(), [input, candidate], call)
    let next = try clipped(try graph.plain(Add(), [kept, added], call), "cell_clip", &graph)
    let gate = try opening(first + 2, sums, next, &graph)
    var output = try graph.plain(Multiply(), [gate, try graph.activate(next, call)], call)
    if let projection {
      let operands = [output, projection.weights] + (projection.bias.map { [$0] } ?? [])
      output = try graph.plain(FullyConnected(), operands, call)
      output = try clipped(output, "proj_clip", &graph)
    }
    return (output, next)
  }

  /// How far a gate is open, between 0 and 1.
  private func opening(
    _ index: Int, _ sums: [Value], _ cells: Value, _ graph: inout GraphImporter
  ) throws -> Value {
    var sum = sums[index]
    if let peephole = gates[index].peephole {
      let seen = try graph.plain(Multiply(), [cells, peephole], call)
      sum = try graph.plain(Add(), [sum, seen], call)
    }
    return try graph.plain(Sigmoid(), [sum], call)
  }

  private func clipped(
    _ x: Value, _ option: String, _ graph: inout GraphImporter
  ) throws -> Value {
    let bound = call.options.float(option)
    return bound > 0 ? try graph.clamp(x, -bound, bound, quantization: nil, call) : x
  }
}
