/// `y = f(x)` on every element of a float tensor, or of what a quantised tensor means.
///
/// A quantised operand gives a quantised result under the asked parameters, ties away from zero:
/// the same integers as a 256-entry table of `f`.
protocol UnaryElementwise: AxisPermutable, PointwiseFunction {
  /// Whether 16-bit integers go through an `InterpolatedTable`, as in TFLite.
  static var isInterpolated: Bool { get }
  func apply(_ x: Float) -> Float
  func apply(_ x: Double) -> Double
}

extension UnaryElementwise {
  public static var arity: Arity { Arity(1) }
  static var isInterpolated: Bool { false }
  public func passing(_ transpose: Transpose) -> Self? { self }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let type = operands[0]
    if type.isQuantized {
      return [type.with(quantization: try operands.requireAsked(Self.mnemonic))]
    }
    guard type.element.isFloat else {
      throw OperationError("'\(Self.mnemonic)' needs floats or quantised integers, not \(type)")
    }
    return [type]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    evaluateReals(operands[0], context)
  }

  /// The evaluation in real numbers, quantised at the end where the result is.
  func evaluateReals(_ x: Tensor, _ context: EvaluationContext) -> [Tensor] {
    if let output = context.quantization() {
      let type = x.type.with(quantization: output)
      if Self.isInterpolated, x.element == .i16, let input = x.type.quantization {
        let table = InterpolatedTable(input: input, output: output) { apply($0) }
        return [mapElements(x, type) { (value: Int16) in Int16(clamping: table(Int32(value))) }]
      }
      return [storeReals(x.dequantized().floats().map { apply($0) }, type, output)]
    }
    return [mapFloats(x)]
  }

  /// Real results as stored integers: times the inverse scale, as TFLite fills its tables
  /// (`internal/common.h`, `LUTPopulateInt8`); NaN becomes the lowest.
  private func storeReals(
    _ reals: [Float], _ type: TensorType, _ output: Quantization
  ) -> Tensor {
    let inverse: Float = 1 / output.scale
    let range = type.element.integerRange ?? -128...127
    let stored = reals.map { real -> Int in
      let steps = (real * inverse).rounded(.toNearestOrAwayFromZero)
      if steps.isNaN { return range.lowerBound }
      let value = Double(steps) + Double(output.zeroPoint)
      return Int(min(max(value, Double(range.lowerBound)), Double(range.upperBound)))
    }
    return Tensor.from(integers: stored, type.element, type.shape).reinterpreted(as: type)
  }

  private func mapFloats(_ x: Tensor) -> Tensor {
    switch x.element {
    case .f32: return mapElements(x, x.type) { (value: Float) in apply(value) }
    case .f64: return mapElements(x, x.type) { (value: Double) in apply(value) }
    default: return Tensor.from(floats: x.floats().map { apply($0) }, x.element, x.shape)
    }
  }
}

extension UnaryElementwise {
  /// `infer` for a function that integers have too.
  func inferNumbers(_ operands: OperandTypes) throws -> [TensorType] {
    let type = operands[0]
    if type.isQuantized {
      return [type.with(quantization: try operands.requireAsked(Self.mnemonic))]
    }
    guard type.element.isFloat || type.element.isInteger else {
      throw OperationError("'\(Self.mnemonic)' needs numbers, not \(type)")
    }
    return [type]
  }

  /// `body` on integers that mean themselves, keeping low bits; nil for other tensors.
  func mapPlainIntegers(_ x: Tensor, _ body: (Int) -> Int) -> Tensor? {
    guard x.element.isInteger, !x.type.isQuantized else { return nil }
    return Tensor.from(integers: x.integers().map(body), x.element, x.shape)
  }
}

/// `y = f(a, b)` with ONNX's multidirectional broadcasting, on floats, integers or quantised
/// tensors.
protocol BinaryElementwise: AxisPermutable {
  static func apply<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T
  static func apply<T: FixedWidthInteger>(_ a: T, _ b: T) -> T
  /// The integers of a quantised result. The default computes in reals, ties away from zero.
  func evaluateQuantized(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor
}

extension BinaryElementwise {
  public static var arity: Arity { Arity(2) }
  public func passing(_ transpose: Transpose) -> Self? { self }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.element == b.element, a.isQuantized == b.isQuantized else {
      throw OperationError("'\(Self.mnemonic)' needs operands of one element type, not \(a) and \(b)")
    }
    guard a.element.isFloat || a.element.isInteger else {
      throw OperationError("'\(Self.mnemonic)' needs numbers, not \(a)")
    }
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'\(Self.mnemonic)' cannot broadcast \(a) with \(b)")
    }
    let quantization = a.isQuantized ? try operands.requireAsked(Self.mnemonic) : nil
    return [TensorType(a.element, shape, quantization)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let (a, b) = (operands[0], operands[1])
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'\(Self.mnemonic)' cannot broadcast \(a.type) with \(b.type)")
    }
    let type = TensorType(a.element, shape, context.quantization())
    return [type.isQuantized ? evaluateQuantized(a, b, type) : evaluatePlain(a, b, type)]
  }

  func evaluateQuantized(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    let real = evaluatePlain(a.dequantized(), b.dequantized(), TensorType(.f32, type.shape))
    return real.quantized(as: type, .away)
  }

  func evaluatePlain(_ a: Tensor, _ b: Tensor, _ type: TensorType) -> Tensor {
    switch type.element {
    case .f32: return mapElements(a, b, type) { (x: Float, y: Float) in Self.apply(x, y) }
    case .f64: return mapElements(a, b, type) { (x: Double, y: Double) in Self.apply(x, y) }
    case .i64: return mapElements(a, b, type) { (x: Int64, y: Int64) in Self.apply(x, y) }
    case .i32: return mapElements(a, b, type) { (x: Int32, y: Int32) in Self.apply(x, y) }
    case .i16: return mapElements(a, b, type) { (x: Int16, y: Int16) in Self.apply(x, y) }
    case .i8: return mapElements(a, b, type) { (x: Int8, y: Int8) in Self.apply(x, y) }
    case .u64: return mapElements(a, b, type) { (x: UInt64, y: UInt64) in Self.apply(x, y) }
    case .u32: return mapElements(a, b, type) { (x: UInt32, y: UInt32) in Self.apply(x, y) }
    case .u16: return mapElements(a, b, type) { (x: UInt16, y: UInt16) in Self.apply(x, y) }
    case .u8: return mapElements(a, b, type) { (x: UInt8, y: UInt8) in Self.apply(x, y) }
    default:
      let wide: ElementType = type.element.isFloat ? .f32 : .i32
      let result = evaluatePlain(
        a.converted(to: wide), b.converted(to: wide), TensorType(wide, type.shape))
      return result.converted(to: type.element)
    }
  }
}

extension OperandTypes {
  /// The per-tensor quantisation asked of the result, which a quantised operation cannot do without.
  func requireAsked(_ mnemonic: String) throws -> Quantization {
    guard let asked = asked() else {
      throw OperationError("'\(mnemonic)' on quantised operands needs a quantised result type")
    }
    guard asked.axis == nil else {
      throw OperationError("'\(mnemonic)' needs one scale for its whole result")
    }
    return asked
  }
}

extension BinaryElementwise {
  /// The plain or quantised result; a float result is clamped (a quantised form clamps by itself).
  func evaluateClamped(
    _ operands: [Tensor], _ context: EvaluationContext, _ low: Float, _ high: Float
  ) throws -> [Tensor] {
    let (a, b) = (operands[0], operands[1])
    guard let shape = Shape.broadcast([a.shape, b.shape]) else {
      throw OperationError("'\(Self.mnemonic)' cannot broadcast \(a.type) with \(b.type)")
    }
    let type = TensorType(a.element, shape, context.quantization())
    if type.isQuantized { return [evaluateQuantized(a, b, type)] }
    let plain = evaluatePlain(a, b, type)
    guard low > -.infinity || high < .infinity else { return [plain] }
    var clamp = Clamp()
    clamp.minimum = low
    clamp.maximum = high
    return try clamp.evaluate([plain], context)
  }

  /// `body` on the stored integers of two broadcast operands.
  func evaluateStored(
    _ a: Tensor, _ b: Tensor, _ type: TensorType, _ body: (Int32, Int32) -> Int32
  ) -> Tensor {
    switch type.element {
    case .u8:
      mapElements(a, b, type) { (x: UInt8, y: UInt8) in UInt8(clamping: body(Int32(x), Int32(y))) }
    case .i16:
      mapElements(a, b, type) { (x: Int16, y: Int16) in Int16(clamping: body(Int32(x), Int32(y))) }
    default:
      mapElements(a, b, type) { (x: Int8, y: Int8) in Int8(clamping: body(Int32(x), Int32(y))) }
    }
  }
}

extension UnaryElementwise {
  /// The result by `SigmoidTable`; nil where that has no form for these types.
  func evaluateTable(
    _ function: SigmoidTable.Function, _ x: Tensor, _ context: EvaluationContext
  ) -> Tensor? {
    guard x.element == .i16, let input = x.type.quantization, input.axis == nil,
      input.zeroPoint == 0, context.quantization() == Quantization(scale: 1.0 / 32768)
    else { return nil }
    let table = SigmoidTable(function, inputScale: input.scale)
    let type = x.type.with(quantization: context.quantization())
    return mapElements(x, type) { (value: Int16) in Int16(clamping: table.apply(Int(value))) }
  }
}
