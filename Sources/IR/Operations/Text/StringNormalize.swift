/// A list of strings without those that are stop words, in one case.
///
/// Operand: `[C]` or `[1, C]`. Where nothing is left, one empty string is. Case changes by Unicode's
/// mapping, whatever the locale. Source: ONNX `Operators.md`, `StringNormalizer`.
public struct StringNormalize: StringTaking {
  public enum LetterCase: String, Sendable, CaseIterable, AttributeConvertible {
    case kept, lower, upper
  }

  public static let mnemonic = "string_normalize"
  public static let summary = "the strings that are no stop words, in lower or upper case"
  public static let arity = Arity(1)
  public static let fields: [Field<StringNormalize>] = [
    .init("case", \.letterCase, "the case of the results"),
    .init("stop_words", \.stopWords, "strings that are left out"),
    .init("case_sensitive", \.isCaseSensitive, "whether stop words are compared as they are"),
  ]
  public var letterCase: LetterCase = .kept
  public var stopWords: [String] = []
  public var isCaseSensitive: Bool = false

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element == .string, x.rank == 1 || (x.rank == 2 && [1, Shape.unknown].contains(x.shape[0]))
    else { throw OperationError("'string_normalize' needs a list of strings, not \(x)") }
    if stopWords.isEmpty, let count = x.shape.checkedCount, count > 0 { return [x] }
    return [x.with(shape: x.rank == 1 ? [Shape.unknown] : [1, Shape.unknown])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    func key(_ text: String) -> [UInt8] {
      Array((isCaseSensitive ? text : text.lowercased()).utf8)
    }
    let stops = Set(stopWords.map(key))
    var kept = x.storage.strings.filter { !stops.contains(key($0)) }
    switch letterCase {
    case .kept: break
    case .lower: kept = kept.map { $0.lowercased() }
    case .upper: kept = kept.map { $0.uppercased() }
    }
    if kept.isEmpty { kept = [""] }
    return [Tensor(x.rank == 1 ? [kept.count] : [1, kept.count], strings: kept)]
  }
}
