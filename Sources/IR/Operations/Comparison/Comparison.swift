/// `y = a ? b` for every element, with ONNX's multidirectional broadcasting; the result is `bool`.
/// Comparisons with NaN are false. Strings
/// compare by their bytes.
///
/// Quantised operands of one quantisation compare by their stored integers. With `rounding`
/// `double` (TFLite) any two per-tensor quantisations compare in fixed point with 8 fractional
/// bits, where near values may fall together: TFLite `comparisons.cc`, `reference/comparisons.h`.
protocol Comparison: StringTaking {
  var rounding: Rounding { get set }
  static func compare<T: Comparable>(_ a: T, _ b: T) -> Bool
}

extension Comparison {
  public static var arity: Arity { Arity(2) }
  public static var fields: [Field<Self>] {
    [.init("rounding", \.rounding, "how quantised operands are brought to one scale")]
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    let isScaled = rounding == .double && a.isQuantized && b.isQuantized
    guard a.element == b.element, isScaled || a.quantization == b.quantization,
      !isScaled || (a.quantization?.axis == nil && b.quantization?.axis == nil)
    else {
      throw OperationError("'\(Self.mnemonic)' needs operands of one type, not \(a) and \(b)")
    }
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'\(Self.mnemonic)' cannot broadcast \(a) with \(b)")
    }
    return [TensorType(.bool, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (a, b) = (operands[0], operands[1])
    let type = try infer(OperandTypes([a.type, b.type]))[0]
    if rounding == .double, let first = a.type.quantization, let second = b.type.quantization {
      return [compareScaled(scaled(a, first), scaled(b, second), type)]
    }
    switch a.element {
    case .f32: return [mapElements(a, b, type) { (x: Float, y: Float) in Self.compare(x, y) }]
    case .f64: return [mapElements(a, b, type) { (x: Double, y: Double) in Self.compare(x, y) }]
    case .i64: return [mapElements(a, b, type) { (x: Int64, y: Int64) in Self.compare(x, y) }]
    case .u64: return [mapElements(a, b, type) { (x: UInt64, y: UInt64) in Self.compare(x, y) }]
    case .string:
      let ranks = byteRanks([a, b])
      return [mapElements(ranks[0], ranks[1], type) { (x: Int64, y: Int64) in Self.compare(x, y) }]
    default:
      let wide: ElementType = a.element.isFloat ? .f32 : .i64
      return try evaluate([a.converted(to: wide), b.converted(to: wide)], context)
    }
  }

  private func compareScaled(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    mapElements(a, b, type) { (x: Int32, y: Int32) in Self.compare(x, y) }
  }

  /// What the stored integers mean, with 8 fractional bits.
  private func scaled(_ x: Tensor, _ quantization: Quantization) -> Tensor {
    let multiplier = FixedPointMultiplier(Double(quantization.scale))
    let values = x.integers().map { stored in
      multiplier.applyDouble(Int32(clamping: stored - Int(quantization.zeroPoint)) << 8)
    }
    return Tensor(x.shape, values)
  }
}
