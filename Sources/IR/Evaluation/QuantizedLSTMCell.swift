/// The parameters of a `lstm_quantized` and one step of it.
struct QuantizedLSTMCell {
  typealias Functions = FixedPointFunctions<Int16>

  /// What one step leaves to the next.
  struct State {
    var output: [Int32]
    var cells: [Int32]
  }

  /// One gate: products with x and with the fed-back output, each brought to scale 2^−12.
  struct Gate {
    let weights: [Int32]
    let recurrent: [Int32]
    /// The bias minus what the zero point of x adds.
    let bias: [Int32]
    /// Minus what the zero point of the output adds.
    let recurrentBias: [Int32]
    let factor: FixedPointMultiplier
    let recurrentFactor: FixedPointMultiplier
  }

  /// How many cells there are.
  let count: Int
  private let gates: [Gate]
  private let output: FixedPointMultiplier
  private let operation: QuantizedLSTM

  /// - Requires: operands that `operation.infer` accepts.
  init(_ operation: QuantizedLSTM, _ operands: [Tensor]) {
    self.operation = operation
    count = operands[1].shape[0]
    let number = (operands.count - 1) / 3
    let x = operands[0].type.quantization ?? Quantization(scale: 1)
    gates = (1...number).map { index in
      Gate(
        x, state: Quantization(
          scale: operation.stateScale, zeroPoint: Int32(operation.stateZeroPoint)),
        weights: operands[index], recurrent: operands[index + number],
        bias: operands[index + 2 * number])
    }
    let step = 1.0 / 32768 / Double(operation.hiddenScale) / 32768
    output = FixedPointMultiplier(Double(Float(step)))
  }

  /// Outputs that mean zero, and empty cells.
  var start: State {
    State(
      output: [Int32](repeating: Int32(operation.stateZeroPoint), count: count),
      cells: [Int32](repeating: 0, count: count))
  }

  func advance(_ state: inout State, _ x: [Int32]) {
    let sums = gates.map { $0.apply(x, state.output, count) }
    let first = sums.count - 3
    for index in 0..<count {
      func logistic(_ gate: Int) -> Int32 {
        Int32(Functions.logistic(sums[gate][index], integerBits: 3))
      }
      let forget = logistic(first)
      let input = first == 0 ? 32767 - forget : logistic(0)
      let candidate = Int32(Functions.hyperbolicTangent(sums[first + 1][index], integerBits: 3))
      let kept = FixedPointMultiplier.roundingShiftRight(forget * state.cells[index], 15)
      let added = FixedPointMultiplier.roundingShiftRight(
        input * candidate, Int32(30 + operation.cellExponent))
      var cell = Int32(Int16(clamping: kept + Int32(Int16(truncatingIfNeeded: added))))
      if operation.cellClip > 0 {
        cell = min(max(cell, Int32(-operation.cellClip)), Int32(operation.cellClip))
      }
      state.cells[index] = cell
      let bent = Functions.hyperbolicTangent(
        Int16(cell), integerBits: 15 + operation.cellExponent)
      let product = output.applyDouble(logistic(first + 2) * Int32(bent))
      state.output[index] = Int32(min(max(Int(product) + operation.hiddenZeroPoint, -128), 127))
    }
  }
}

extension QuantizedLSTMCell.Gate {
  init(
    _ x: Quantization, state: Quantization, weights: Tensor, recurrent: Tensor, bias: Tensor
  ) {
    let rows = weights.shape[0]
    self.weights = weights.integers().map { Int32($0) }
    self.recurrent = recurrent.integers().map { Int32($0) }
    /// The sums of the rows, each times minus `zeroPoint`.
    func offsets(_ matrix: [Int32], _ zeroPoint: Int32) -> [Int32] {
      let columns = rows == 0 ? 0 : matrix.count / rows
      return (0..<rows).map { row in
        -zeroPoint &* matrix[(row * columns)..<((row + 1) * columns)].reduce(0, &+)
      }
    }
    let stored = bias.integers().map { Int32(clamping: $0) }
    self.bias = zip(stored, offsets(self.weights, x.zeroPoint)).map { $0 &+ $1 }
    recurrentBias = offsets(self.recurrent, state.zeroPoint)
    func factor(_ scale: Float, _ matrix: Tensor) -> FixedPointMultiplier {
      let product: Float = (matrix.type.quantization?.scale ?? 1) * scale
      return FixedPointMultiplier(Double(product * 4096))
    }
    self.factor = factor(x.scale, weights)
    recurrentFactor = factor(state.scale, recurrent)
  }

  func apply(_ x: [Int32], _ output: [Int32], _ count: Int) -> [Int16] {
    (0..<count).map { row in
      let own = factor.applyDouble(sum(weights, x, row, bias[row]))
      let first = Int32(Int16(clamping: own))
      let fed = recurrentFactor.applyDouble(sum(recurrent, output, row, recurrentBias[row]))
      return Int16(clamping: Int64(first) + Int64(fed))
    }
  }

  private func sum(_ matrix: [Int32], _ x: [Int32], _ row: Int, _ start: Int32) -> Int32 {
    var sum = start
    for (column, value) in x.enumerated() { sum &+= value &* matrix[row * x.count + column] }
    return sum
  }
}
