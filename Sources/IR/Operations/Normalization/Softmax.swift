/// Exponentials over one axis, normalised to sum 1.
///
/// Narrow floats are rounded after every step, as ONNX defines `Softmax` by a function of their type.
/// Quantised: over the last axis in integers (`IntegerSoftmax`); the result covers the element
/// type's range with scale 1/256 from its lowest value, for `i16` (`IntegerSoftmax16`) the range
/// from zero with scale 1/32768.
public struct Softmax: Operation {
  public static let mnemonic = "softmax"
  public static let summary = "y = e^(β·(x − max x)) / Σ e^(β·(x − max x)) over one axis"
  public static let arity = Arity(1)
  public static let fields: [Field<Softmax>] = [
    .init("axis", \.axis, "the axis that sums to 1; negative ones count from the end"),
    .init("beta", \.beta, "factor on the operand"),
  ]
  public var axis: Int = -1
  public var beta: Float = 1

  public init() {}
  public init(axis: Int) { self.axis = axis }

  /// The parameters that a quantised result must have.
  public static func outputQuantization(_ element: ElementType) -> Quantization {
    if element == .i16 { return Quantization(scale: 1.0 / 32768) }
    let lowest = Int32(element.integerRange?.lowerBound ?? -128)
    return Quantization(scale: 1.0 / 256, zeroPoint: lowest)
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    let axis = try normalizedAxis(axis, rank: x.rank, "softmax")
    guard x.isQuantized else {
      guard x.element.isFloat else { throw OperationError("'softmax' needs floats, not \(x)") }
      return [x]
    }
    guard [.i8, .u8, .i16].contains(x.element), axis == x.rank - 1, x.quantization?.axis == nil
    else {
      throw OperationError("'softmax' on integers needs i8, u8 or i16 over the last axis, not \(x)")
    }
    let asked = try operands.requireAsked("softmax")
    guard asked == Softmax.outputQuantization(x.element) else {
      throw OperationError("'softmax' on integers gives \(Softmax.outputQuantization(x.element))")
    }
    return [x.with(quantization: asked)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let axis = axis < 0 ? axis + x.rank : axis
    if let quantization = x.type.quantization {
      return [evaluateStored(x, quantization.scale)]
    }
    // The identity for the wide types.
    func rounded(_ values: [Double]) -> [Double] {
      guard NarrowFloat.layout(of: x.element) != nil else { return values }
      return Tensor.from(doubles: values, x.element, [values.count]).doubles()
    }
    let values = x.element == .f64 ? x.doubles() : x.floats().map { Double($0) }
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    let extent = x.shape[axis]
    var result = values
    for row in 0..<(extent == 0 ? 0 : x.count / extent) {
      let base = row / inner * inner * extent + row % inner
      let offsets = (0..<extent).map { base + $0 * inner }
      let largest = offsets.map { values[$0] }.max() ?? 0
      let scaled = rounded(offsets.map { Double(beta) * (values[$0] - largest) })
      let exponentials = rounded(scaled.map { Double.exponential($0) })
      let sum = rounded([exponentials.reduce(0, +)])[0]
      for (place, value) in exponentials.enumerated() { result[offsets[place]] = value / sum }
    }
    return [Tensor.from(doubles: result, x.element, x.shape)]
  }

  private func evaluateStored(_ x: Tensor, _ scale: Float) -> Tensor {
    let narrow = IntegerSoftmax(inputScale: scale, beta: beta)
    let wide = x.element == .i16 ? IntegerSoftmax16(inputScale: scale, beta: beta) : nil
    let stored = x.integers().map { Int32($0) }
    let length = x.shape.dimensions.last ?? 1
    var result: [Int] = []
    result.reserveCapacity(stored.count)
    for start in Swift.stride(from: 0, to: stored.count, by: max(length, 1)) {
      let row = Array(stored[start..<(start + length)])
      let outputs = wide?.apply(row) ?? narrow.apply(row, element: x.element)
      result += outputs.map { Int($0) }
    }
    let type = x.type.with(quantization: Softmax.outputQuantization(x.element))
    return Tensor.from(integers: result, x.element, x.shape).reinterpreted(as: type)
  }
}
