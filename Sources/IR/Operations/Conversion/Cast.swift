/// The same numbers in another element type: exact where they fit, floats rounded half to even,
/// floats to integers truncated, integers keeping their low bits.
public struct Cast: Operation {
  public static let mnemonic = "cast"
  public static let summary = "y = x in another element type"
  public static let arity = Arity(1)
  public static let fields: [Field<Cast>] = [
    .init("to", \.element, "the result's element type"),
    .init("saturate", \.saturate, "whether 8-bit floats keep to their range"),
  ]
  public var element: ElementType = .f32
  public var saturate: Bool = true

  public init() {}
  public init(to element: ElementType) { self.element = element }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard !operands[0].isQuantized else {
      throw OperationError("'cast' does not take quantised tensors; use dequantize")
    }
    guard (operands[0].element == .string) == (element == .string) else {
      throw OperationError("'cast' between strings and numbers is not defined")
    }
    return [operands[0].with(element: element)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let narrow = element.isFloat && element.bitWidth <= 8
    return [operands[0].converted(to: element, saturate: narrow ? saturate : nil)]
  }
}
