/// Whether each whole string matches a regular expression in RE2's syntax.
public struct RegexFullMatch: StringTaking {
  public static let mnemonic = "regex_full_match"
  public static let summary = "y = whether all of x matches the pattern"
  public static let arity = Arity(1)
  public static let fields: [Field<RegexFullMatch>] = [
    .init("pattern", \.pattern, "the expression, in RE2's syntax")
  ]
  public var pattern: String = ""

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    guard operands[0].element == .string else {
      throw OperationError("'regex_full_match' needs strings, not \(operands[0])")
    }
    _ = try RegularExpression(pattern)
    return [TensorType(.bool, operands[0].shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let expression = try RegularExpression(pattern)
    return [
      Tensor(operands[0].shape, operands[0].storage.strings.map { expression.matches(all: $0) })
    ]
  }
}
