/// The same numbers in another element type: exact where they fit, floats rounded half to even,
/// floats to integers truncated, integers keeping their low bits. Strings are read as decimal
/// numbers, and numbers are written with the fewest digits that give them back (`NumberText`).
public struct Cast: StringTaking {
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
    return [operands[0].with(element: element)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    if x.element == .string && element != .string {
      return [try x.parsedNumbers(as: element, saturate: saturate)]
    }
    if element == .string { return [x.element == .string ? x : x.writtenNumbers()] }
    let narrow = element.isFloat && element.bitWidth <= 8
    return [x.converted(to: element, saturate: narrow ? saturate : nil)]
  }
}
