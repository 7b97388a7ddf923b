/// Every string in parts, along a new last axis; rows with fewer parts end in empty strings.
///
/// Results: the parts and how many each string has. An empty delimiter splits at runs of white
/// space. Source: ONNX `Operators.md`, `StringSplit`.
public struct StringSplit: StringTaking {
  public static let mnemonic = "string_split"
  public static let summary = "the parts of every string between delimiters, and their number"
  public static let arity = Arity(1, results: 2)
  public static let fields: [Field<StringSplit>] = [
    .init("delimiter", \.delimiter, "what stands between parts; empty for white space"),
    .init("splits", \.splits, "the largest number of splits, from the left; −1 for all"),
  ]
  public var delimiter: String = ""
  public var splits: Int = -1

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element == .string else {
      throw OperationError("'string_split' needs strings, not \(x)")
    }
    return [
      x.with(shape: Shape(x.shape.dimensions + [Shape.unknown])), TensorType(.i64, x.shape),
    ]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let lists = x.storage.strings.map { split($0) }
    let width = lists.map(\.count).max() ?? 0
    let padded = lists.flatMap { $0 + [String](repeating: "", count: width - $0.count) }
    return [
      Tensor(Shape(x.shape.dimensions + [width]), strings: padded),
      Tensor(x.shape, lists.map { Int64($0.count) }),
    ]
  }

  private func split(_ text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    let mark = Array(delimiter.unicodeScalars)
    let limit = splits < 0 ? Int.max : splits
    return (mark.isEmpty ? words(scalars, limit) : parts(scalars, mark, limit)).map { part in
      var result = String.UnicodeScalarView()
      result.append(contentsOf: part)
      return String(result)
    }
  }

  private func parts(
    _ text: [Unicode.Scalar], _ mark: [Unicode.Scalar], _ limit: Int
  ) -> [ArraySlice<Unicode.Scalar>] {
    var found: [ArraySlice<Unicode.Scalar>] = []
    var (start, place) = (0, 0)
    while place + mark.count <= text.count, found.count < limit {
      if text[place..<(place + mark.count)].elementsEqual(mark) {
        found.append(text[start..<place])
        place += mark.count
        start = place
      } else {
        place += 1
      }
    }
    return found + [text[start...]]
  }

  /// Words between runs of white space, none of them empty; the last one, where the limit cuts,
  /// keeps the white space inside and behind it.
  private func words(
    _ text: [Unicode.Scalar], _ limit: Int
  ) -> [ArraySlice<Unicode.Scalar>] {
    var found: [ArraySlice<Unicode.Scalar>] = []
    var rest = text[...]
    while true {
      rest = rest.drop { $0.properties.isWhitespace }
      if rest.isEmpty { return found }
      if found.count == limit { return found + [rest] }
      let word = rest.prefix { !$0.properties.isWhitespace }
      found.append(word)
      rest = rest[word.endIndex...]
    }
  }
}
