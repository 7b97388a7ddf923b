/// Vectors along the last axis brought to length 1.
///
/// Quantised, `i8` and `u8`: in integers, by a fixed-point `1 / √Σ(x − zp)²`; the result has scale
/// 1/128 and zero point 0 (128). Source: TFLite `reference/integer_ops/l2normalization.h`.
public struct L2Normalize: Operation {
  public static let mnemonic = "l2_normalize"
  public static let summary = "y = x / max(√Σ x², ε) over the last axis"
  public static let arity = Arity(1)
  public static let fields: [Field<L2Normalize>] = [
    .init("epsilon", \.epsilon, "the smallest length that is divided by, for floats")
  ]
  public var epsilon: Float = 1e-6

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    _ = try normalizedAxis(-1, rank: x.rank, "l2_normalize")
    guard x.isQuantized else {
      guard x.element.isFloat else { throw OperationError("'l2_normalize' needs floats, not \(x)") }
      return [x]
    }
    guard [.i8, .u8].contains(x.element), x.quantization?.axis == nil else {
      throw OperationError("'l2_normalize' on integers needs i8 or u8, not \(x)")
    }
    let asked = try operands.requireAsked("l2_normalize")
    guard asked == L2Normalize.parameters(x.element) else {
      throw OperationError("'l2_normalize' on integers gives scale 1/128 around zero")
    }
    return [x.with(quantization: asked)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let length = max(x.shape.dimensions.last ?? 1, 1)
    if let quantization = x.type.quantization {
      let types = OperandTypes([x.type], resultQuantization: [context.quantization()])
      return [evaluateStored(x, Int(quantization.zeroPoint), length, try infer(types)[0])]
    }
    var values = x.doubles()
    for start in stride(from: 0, to: values.count, by: length) {
      let sum: Double = values[start..<(start + length)].reduce(0) { $0 + $1 * $1 }
      let norm = max(sum.squareRoot(), Double(epsilon))
      for index in start..<(start + length) { values[index] /= norm }
    }
    return [Tensor.from(doubles: values, x.element, x.shape)]
  }

  private static func parameters(_ element: ElementType) -> Quantization {
    Quantization(scale: 1.0 / 128, zeroPoint: element == .u8 ? 128 : 0)
  }

  private func evaluateStored(
    _ x: Tensor, _ zeroPoint: Int, _ length: Int, _ type: TensorType
  ) -> Tensor {
    let zero = Int(type.quantization?.zeroPoint ?? 0)
    let centred = x.integers().map { $0 - zeroPoint }
    var result: [Int] = []
    result.reserveCapacity(centred.count)
    for start in stride(from: 0, to: centred.count, by: length) {
      let row = centred[start..<(start + length)]
      let sum = row.reduce(0) { $0 + $1 * $1 }
      var factor = FixedPointMultiplier(inverseSquareRootOf: Int32(clamping: sum))
      // In steps of 1/128; for `u8` TFLite scales the numbers up, for `i8` the factor.
      let shift: Int32 = type.element == .u8 ? 7 : 0
      factor.exponent += 7 - shift
      result += row.map { Int(min(max(factor.applyDouble(Int32($0) << shift), -128), 127)) + zero }
    }
    return Tensor.from(integers: result, x.element, x.shape).reinterpreted(as: type)
  }
}
