/// One step of a filter of low rank over time on 8-bit integers.
///
/// Operands: input `[n, k]`, feature filters `[f, k]` and time filters `[f, m]` (`i16`), the last
/// `m` products of every filter `[n, f·m]` (`i16`), optionally a bias `[f / rank]`. Results: output
/// `[n, f / rank]` and the products with this step's. Sums are rounded doubly.
///
/// Source: P. Nakkiran et al., "Compressing Deep Neural Networks using a Rank-Constrained
/// Topology", 2015; TFLite `reference/svdf.h`, `EvalIntegerSVDF`.
public struct QuantizedSVDF: Operation {
  public static let mnemonic = "svdf_quantized"
  public static let summary = "y = bias + Σ time filter · (memory of feature filter · x)"
  public static let arity = Arity(4...5, results: 2...2)
  public static let fields: [Field<QuantizedSVDF>] = [
    .init("rank", \.rank, "how many filters are summed into one output")
  ]
  public var rank: Int = 1

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, feature, time, memory) = (operands[0], operands[1], operands[2], operands[3])
    guard [x, feature, time, memory].allSatisfy({ $0.rank == 2 && $0.shape.isStatic }),
      [x, feature, time, memory].allSatisfy({ $0.isQuantized && $0.quantization?.axis == nil }),
      x.element == .i8, feature.element == .i8, time.element == .i16, memory.element == .i16
    else { throw OperationError("'svdf_quantized' cannot filter \(x) with \(feature) and \(time)") }
    let filters = feature.shape[0]
    guard rank > 0, filters % rank == 0, feature.shape[1] == x.shape[1],
      time.shape[0] == filters, time.shape[1] > 0,
      memory.shape == [x.shape[0], filters * time.shape[1]]
    else { throw OperationError("'svdf_quantized' has filters that do not fit \(x) and \(memory)") }
    if operands.count > 4 {
      guard operands[4].element == .i32, operands[4].shape == [filters / rank] else {
        throw OperationError("'svdf_quantized' has a bias of \(operands[4])")
      }
    }
    let asked = try operands.requireAsked("svdf_quantized")
    return [TensorType(.i8, [x.shape[0], filters / rank], asked), memory]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (x, feature, time) = (operands[0], operands[1], operands[2])
    let (batches, filters, length) = (x.shape[0], feature.shape[0], time.shape[1])
    let memory = remembered(operands)
    let weights = time.integers()
    let type = context.resultTypes[0]
    let output = scale(operands[3].type, time.type, type)
    let bias = operands.count > 4 ? operands[4].integers() : []
    var results: [Int] = []
    for batch in 0..<batches {
      for unit in 0..<(filters / rank) {
        var sum: Int32 = bias.isEmpty ? 0 : Int32(truncatingIfNeeded: bias[unit])
        for filter in (unit * rank)..<((unit + 1) * rank) {
          let base = (batch * filters + filter) * length
          for place in 0..<length {
            sum &+= Int32(
              truncatingIfNeeded: weights[filter * length + place] * memory[base + place])
          }
        }
        results.append(Int(output.apply(sum, channel: 0)))
      }
    }
    return [
      Tensor.from(integers: results, .i8, type.shape).reinterpreted(as: type),
      Tensor.from(integers: memory, .i16, operands[3].shape).reinterpreted(as: operands[3].type),
    ]
  }

  /// The memory moved on by one step, with this step's products at its end.
  private func remembered(_ operands: [Tensor]) -> [Int] {
    let (x, feature) = (operands[0], operands[1])
    let (filters, depth, length) = (feature.shape[0], x.shape[1], operands[2].shape[1])
    let products = scale(x.type, feature.type, operands[3].type)
    let zero = Int(x.type.quantization?.zeroPoint ?? 0)
    let (values, weights) = (x.integers(), feature.integers())
    var memory = operands[3].integers()
    for row in 0..<(x.shape[0] * filters) {
      let (batch, filter) = (row / filters, row % filters)
      var sum: Int32 = 0
      for index in 0..<depth {
        let centred = values[batch * depth + index] - zero
        sum &+= Int32(truncatingIfNeeded: weights[filter * depth + index] * centred)
      }
      for place in 1..<max(length, 1) {
        memory[row * length + place - 1] = memory[row * length + place]
      }
      memory[row * length + length - 1] = Int(products.apply(sum, channel: 0))
    }
    return memory
  }

  /// The factor is a float32 product and quotient, as in TFLite's `svdf.cc`, `Prepare`.
  private func scale(_ a: TensorType, _ b: TensorType, _ result: TensorType) -> Requantization {
    let target = result.quantization ?? Quantization(scale: 1)
    let (first, second): (Float, Float) = (a.quantization?.scale ?? 1, b.quantization?.scale ?? 1)
    return Requantization(
      factors: [Double(first * second / target.scale)], output: target, element: result.element,
      rounding: .double)
  }
}
