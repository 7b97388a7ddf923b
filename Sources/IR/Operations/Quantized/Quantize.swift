/// Real numbers to stored integers under the result's parameters.
public struct Quantize: Operation {
  public static let mnemonic = "quantize"
  public static let summary = "y = round(x / scale) + zero point, cut to the element type"
  public static let arity = Arity(1)
  public static let fields: [Field<Quantize>] = [
    .init("to", \.element, "the stored element type"),
    .init("ties", \.ties, "where ties go"),
  ]
  public var element: ElementType = .i8
  public var ties: TieRule = .away

  public init() {}
  public init(to element: ElementType, ties: TieRule) {
    self.element = element
    self.ties = ties
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element.isFloat, element.isInteger else {
      throw OperationError("'quantize' turns floats into integers, not \(x) into \(element)")
    }
    guard let asked = operands.asked() else {
      throw OperationError("'quantize' needs a quantised result type")
    }
    return [TensorType(element, x.shape, asked)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let type = TensorType(element, operands[0].shape, context.quantization())
    return [operands[0].quantized(as: type, ties)]
  }
}
