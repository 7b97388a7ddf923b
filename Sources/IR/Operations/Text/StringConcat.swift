/// Two strings, one behind the other, with ONNX's multidirectional broadcasting.
public struct StringConcat: StringTaking {
  public static let mnemonic = "string_concat"
  public static let summary = "y = a followed by b, as strings"
  public static let arity = Arity(2)

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (a, b) = (operands[0], operands[1])
    guard a.element == .string, b.element == .string,
      let shape = Shape.broadcast([a.shape, b.shape])
    else { throw OperationError("'string_concat' cannot join \(a) and \(b)") }
    return [TensorType(.string, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let repeated = try operands.map { operand in
      try BroadcastTo(type.shape.dimensions).evaluate([operand], context)[0].storage.strings
    }
    return [Tensor(type.shape, strings: zip(repeated[0], repeated[1]).map { $0 + $1 })]
  }
}
