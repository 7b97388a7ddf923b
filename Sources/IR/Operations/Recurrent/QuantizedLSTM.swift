/// A long short-term memory over a sequence in integers: 8-bit inputs, weights and outputs, 16-bit
/// gates and cells, from a state of zeros or from one that is given.
///
/// Operands: x `[batch, time, inputs]` (time first with `time_major`), then the weights on x, those
/// on the fed-back output, and the `i32` biases, each of the input, forget, cell and output gate.
/// Without the input gate's three that gate is one minus the forget gate. Two operands more are the
/// state: the last outputs `[batch, cells]` (`i8`) and the cells `[batch, cells]` (`i16`); then
/// there are two results more, the state behind the sequence.
///
/// Gates have scale 2^−12 before their functions and 2^−15 behind them; cells have scale
/// `2^cell_exponent`. The stored outputs are handed out and fed back as they are, whatever the
/// result's own parameters. Source: TFLite `lstm_eval.cc`, `EvalInteger8x8_16`;
/// `portable_tensor_utils.cc`; `unidirectional_sequence_lstm.cc` (scales).
public struct QuantizedLSTM: Operation {
  public static let mnemonic = "lstm_quantized"
  public static let summary =
    "c = σ(f) · c + σ(i) · tanh(g), y = σ(o) · tanh(c) along a sequence, in integers"
  public static let arity = Arity(10...15, results: 1...3)
  public static let fields: [Field<QuantizedLSTM>] = [
    .init("state_scale", \.stateScale, "scale of the output that is fed back"),
    .init("state_zero_point", \.stateZeroPoint, "zero point of the output that is fed back"),
    .init("hidden_scale", \.hiddenScale, "scale under which outputs are stored"),
    .init("hidden_zero_point", \.hiddenZeroPoint, "zero point under which outputs are stored"),
    .init("cell_exponent", \.cellExponent, "binary logarithm of the cells' scale"),
    .init("cell_clip", \.cellClip, "bound of stored cells; 0 for none"),
    .init("time_major", \.timeMajor, "whether the first axis counts time, not batches"),
  ]
  public var stateScale: Float = 1
  public var stateZeroPoint: Int = 0
  public var hiddenScale: Float = 1
  public var hiddenZeroPoint: Int = 0
  public var cellExponent: Int = -15
  public var cellClip: Int = 0
  public var timeMajor: Bool = false

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    let hasState = [12, 15].contains(operands.count)
    let gates = (operands.count - 1) / 3
    guard hasState || [10, 13].contains(operands.count), x.rank == 3, x.element == .i8,
      x.quantization?.axis == nil, x.isQuantized
    else { throw OperationError("'lstm_quantized' needs an i8 sequence and 9 or 12 parameters") }
    let cells = operands[1].shape.dimensions.first ?? 0
    for (number, type) in operands.types.dropFirst().prefix(3 * gates).enumerated() {
      let wanted: Shape =
        number < gates ? [cells, x.shape[2]] : number < 2 * gates ? [cells, cells] : [cells]
      let element: ElementType = number < 2 * gates ? .i8 : .i32
      guard type.shape == wanted, type.element == element,
        element == .i32 || (type.quantization.map { $0.axis == nil } ?? false)
      else { throw OperationError("'lstm_quantized' cannot use \(type) as parameter \(number)") }
    }
    guard stateScale > 0, hiddenScale > 0, (-15...(-9)).contains(cellExponent),
      (-128...127).contains(stateZeroPoint), (-128...127).contains(hiddenZeroPoint)
    else { throw OperationError("'lstm_quantized' has scales that 16 bits cannot hold") }
    let asked = try operands.requireAsked("lstm_quantized")
    let output = TensorType(.i8, [x.shape[0], x.shape[1], cells], asked)
    guard hasState else { return [output] }
    let states = Array(operands.types.suffix(2))
    let shape: Shape = [x.shape[timeMajor ? 1 : 0], cells]
    guard zip(states, [ElementType.i8, .i16]).allSatisfy({ $0.element == $1 && $0.shape == shape })
    else { throw OperationError("'lstm_quantized' cannot start from \(states[0]), \(states[1])") }
    return [output] + states
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let declared = OperandTypes(
      operands.map(\.type), resultQuantization: context.resultTypes.map(\.quantization))
    let type = try infer(declared)[0]
    let x = operands[0]
    let cell = QuantizedLSTMCell(self, operands)
    let (batches, steps) = timeMajor ? (x.shape[1], x.shape[0]) : (x.shape[0], x.shape[1])
    let inputs = x.shape[2]
    let stored = x.integers().map { Int32($0) }
    var result = [Int](repeating: 0, count: type.shape.count)
    let given = operands.count % 3 == 0 ? operands.suffix(2).map { $0.integers() } : []
    var left: [[Int]] = [[], []]
    for batch in 0..<batches {
      var state = cell.start
      if let outputs = given.first, let cells = given.last {
        let row = (batch * cell.count)..<((batch + 1) * cell.count)
        state.output = outputs[row].map { Int32($0) }
        state.cells = cells[row].map { Int32($0) }
      }
      for step in 0..<steps {
        let row = timeMajor ? step * batches + batch : batch * steps + step
        cell.advance(&state, Array(stored[(row * inputs)..<((row + 1) * inputs)]))
        for (index, value) in state.output.enumerated() {
          result[row * cell.count + index] = Int(value)
        }
      }
      left[0] += state.output.map { Int($0) }
      left[1] += state.cells.map { Int($0) }
    }
    let outputs = Tensor.from(integers: result, .i8, type.shape).reinterpreted(as: type)
    return [outputs]
      + zip(operands.suffix(given.count), left).map { state, values in
        Tensor.from(integers: values, state.element, state.shape).reinterpreted(as: state.type)
      }
  }

  public func macs(operands: [TensorType], results: [TensorType]) -> Int {
    let (x, y) = (operands[0].shape, results[0].shape)
    return x[0] * x[1] * (operands.count - 1) / 3 * y[2] * (x[2] + y[2])
  }
}
