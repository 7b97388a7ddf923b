/// Stored integers under other parameters, possibly of another width: TOSA's `RESCALE`, with the
/// factor given by the two types.
public struct Rescale: Operation {
  public static let mnemonic = "rescale"
  public static let summary = "y = round((x − zx) · sx / sy) + zy, cut to the element type"
  public static let arity = Arity(1)
  public static let fields: [Field<Rescale>] = [
    .init("to", \.element, "the stored element type of the result"),
    .init("rounding", \.rounding, "how the product is rounded"),
  ]
  public var element: ElementType = .i8
  public var rounding: Rounding = .single

  public init() {}
  public init(to element: ElementType, rounding: Rounding) {
    self.element = element
    self.rounding = rounding
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard let from = x.quantization, from.axis == nil, element.integerRange != nil else {
      throw OperationError("'rescale' needs an operand quantised per tensor, not \(x)")
    }
    return [TensorType(element, x.shape, try operands.requireAsked("rescale"))]
  }

  /// The parameters for operand and result of these types.
  public func requantization(_ input: TensorType, _ output: TensorType) -> Requantization {
    let to = output.quantization ?? Quantization(scale: 1)
    let from = input.quantization?.scale ?? 1
    return Requantization(
      factors: [Double(from) / Double(to.scale)], output: to, element: output.element,
      rounding: rounding)
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = TensorType(element, x.shape, context.quantization())
    let form = requantization(x.type, type)
    let zero = x.type.quantization?.zeroPoint ?? 0
    let stored = x.integers().map { Int(form.apply(Int32(clamping: $0) &- zero, channel: 0)) }
    return [Tensor.from(integers: stored, element, x.shape).reinterpreted(as: type)]
  }
}
