/// A product with a weight matrix: input `[rows, depth]`, weights `[outputs, depth]`, bias
/// `[outputs]`, with an epilogue (`LayerWithEpilogue`). Quantised as `conv2d`; weight scales run
/// along axis 0.
public struct FullyConnected: LayerWithEpilogue {
  public static let mnemonic = "fully_connected"
  public static let summary = "y[n,o] = act(b[o] + Σ_k x[n,k] · w[o,k] + r[n,o])"
  public static let arity = Arity(2...4)
  public static let fields: [Field<FullyConnected>] = [
    .init("activation", \.activation, "the function of each float sum, before the bounds"),
    .init("alpha", \.alpha, "slope below zero of the activation leaky_relu"),
    .init("minimum", \.minimum, "lower bound of the fused activation"),
    .init("maximum", \.maximum, "upper bound of the fused activation"),
    .init("rounding", \.rounding, "how quantised sums are rounded"),
    .init("result_element", \.resultElement, "how quantised sums are stored"),
  ]
  public var activation: Activation = .none
  public var alpha: Float = 0
  public var minimum: Float = -.infinity
  public var maximum: Float = .infinity
  public var rounding: Rounding = .single
  public var resultElement: ResultElement = .input

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (input, weights) = (operands[0], operands[1])
    guard input.rank == 2, weights.rank == 2, weights.shape.isStatic else {
      throw OperationError(
        "'fully_connected' needs two matrices, weights of known shape, not \(input), \(weights)")
    }
    guard input.shape[1] == Shape.unknown || input.shape[1] == weights.shape[1] else {
      throw OperationError("'fully_connected' cannot multiply \(input) with \(weights)")
    }
    if operands.count >= 3, operands[2].shape != [weights.shape[0]] {
      throw OperationError("'fully_connected' needs a bias of \(weights.shape[0])")
    }
    let type = try productType(
      operands, [input.shape[0], weights.shape[0]], weightAxis: 0, resultElement)
    try checkEpilogue(operands, type)
    return [type]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let declared = OperandTypes(
      operands.map(\.type), resultQuantization: context.resultTypes.map(\.quantization))
    let type = try infer(declared)[0]
    let isPlain = isPlain(operands)
    let product = ProductEvaluation(
      operands: Array(operands.prefix(3)), result: type,
      clamp: isPlain ? (minimum, maximum) : (-.infinity, .infinity), rounding: rounding)
    let rows = type.shape[0]
    let (outputs, depth) = (type.shape[1], operands[1].shape[1])
    let sums =
      product.run { (x: UnsafePointer<Float>, w, store) in
        multiplyByRows(x, w, rows, outputs, depth, store)
      } double: { (x: UnsafePointer<Double>, w, store) in
        multiplyByRows(x, w, rows, outputs, depth, store)
      } integer: { (x: UnsafePointer<Int32>, w, store) in
        multiplyByRows(x, w, rows, outputs, depth, store)
      } wide: { (x: UnsafePointer<Int64>, w, store) in
        multiplyByRows(x, w, rows, outputs, depth, store)
      }
    if isPlain { return [sums] }
    return [try finish(sums, residual: operands.count > 3 ? operands[3] : nil)]
  }

  public func macs(operands: [TensorType], results: [TensorType]) -> Int {
    results[0].shape.count * operands[1].shape[1]
  }
}

/// `sum[n, o] = Σ_k x[n, k] · w[o, k]`, through the panel kernel where rows are many and by dot
/// products where packing would cost more than it saves.
@inline(__always)
func multiplyByRows<T: PanelScalar>(
  _ x: UnsafePointer<T>, _ w: UnsafePointer<T>, _ rows: Int, _ outputs: Int, _ depth: Int,
  _ store: (_ offset: Int, _ column: Int, _ sum: T) -> Void
) {
  if rows < 4 {
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum: T = 0
        for k in 0..<depth { sum += x[row * depth + k] * w[output * depth + k] }
        store(row * outputs + output, output, sum)
      }
    }
    return
  }
  let panel = Panel<T>(columns: outputs, depth: depth) { w[$0 * depth + $1] }
  multiplyPanel(x, rows, panel, store)
}

/// `sum[n, o] = Σ_k x[n, k] · panel[o, k]`, 4 rows at a time.
@inline(__always)
func multiplyPanel<T: PanelScalar>(
  _ x: UnsafePointer<T>, _ rows: Int, _ panel: Panel<T>,
  _ store: (_ offset: Int, _ column: Int, _ sum: T) -> Void
) {
  let depth = panel.depth
  let packed = UnsafeMutablePointer<T>.allocate(capacity: max(4 * depth, 1))
  defer { packed.deallocate() }
  for start in stride(from: 0, to: rows, by: 4) {
    let present = min(4, rows - start)
    packed.update(repeating: 0, count: 4 * depth)
    for row in 0..<present {
      for k in 0..<depth { packed[4 * k + row] = x[(start + row) * depth + k] }
    }
    panel.multiply(packed) { row, column, sums in
      guard row < present else { return }
      for lane in 0..<min(8, panel.columns - column) {
        store((start + row) * panel.columns + column + lane, column + lane, sums[lane])
      }
    }
  }
}
