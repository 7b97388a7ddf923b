/// The logarithm of `softmax` over the last axis.
///
/// Quantised, `i8` or `u8`: in integers (`IntegerLogSoftmax`); the result has scale 1/16 and the
/// highest stored value for zero.
public struct LogSoftmax: Operation {
  public static let mnemonic = "log_softmax"
  public static let summary = "y = x − max x − ln Σ e^(x − max x) over the last axis"
  public static let arity = Arity(1)

  public init() {}

  /// The parameters that a quantised result must have.
  public static func outputQuantization(_ element: ElementType) -> Quantization {
    Quantization(scale: 1.0 / 16, zeroPoint: Int32(element.integerRange?.upperBound ?? 127))
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    _ = try normalizedAxis(-1, rank: x.rank, "log_softmax")
    guard x.isQuantized else {
      guard x.element.isFloat else { throw OperationError("'log_softmax' needs floats, not \(x)") }
      return [x]
    }
    guard [.i8, .u8].contains(x.element), x.quantization?.axis == nil else {
      throw OperationError("'log_softmax' on integers needs i8 or u8, not \(x)")
    }
    let asked = try operands.requireAsked("log_softmax")
    guard asked == LogSoftmax.outputQuantization(x.element) else {
      throw OperationError("'log_softmax' on integers gives scale 1/16 below the highest value")
    }
    return [x.with(quantization: asked)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let length = max(x.shape.dimensions.last ?? 1, 1)
    let starts = stride(from: 0, to: x.count, by: length)
    if let quantization = x.type.quantization {
      let form = IntegerLogSoftmax(inputScale: quantization.scale)
      let stored = x.integers().map { Int32($0) }
      let rows = starts.flatMap { start in
        form.apply(Array(stored[start..<(start + length)]), element: x.element).map { Int($0) }
      }
      let type = x.type.with(quantization: LogSoftmax.outputQuantization(x.element))
      return [Tensor.from(integers: rows, x.element, x.shape).reinterpreted(as: type)]
    }
    let values = x.doubles()
    let rows = starts.flatMap { start -> [Double] in
      let row = values[start..<(start + length)]
      let largest = row.max() ?? 0
      let sum: Double = row.reduce(0) { $0 + Double.exponential($1 - largest) }
      let logarithm = Double.logarithm(sum)
      return row.map { $0 - largest - logarithm }
    }
    return [Tensor.from(doubles: rows, x.element, x.shape)]
  }
}
