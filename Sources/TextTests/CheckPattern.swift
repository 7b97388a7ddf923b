import IR

/// The text of a directive: characters that stand for themselves, `{{regular expressions}}`,
/// `[[NAME:regular expression]]` that keeps what it matched, and `[[NAME]]` that stands for it.
///
/// Runs of blanks are one blank, here and in the text, as in FileCheck.
struct CheckPattern: Sendable {
  enum Piece: Sendable {
    case literal(String)
    case expression(String)
    case definition(name: String, expression: String)
    case use(String)
  }

  let source: String
  let pieces: [Piece]

  /// - Throws: a `Diagnostic` without a place.
  init(_ text: String) throws {
    source = CheckPattern.blanksJoined(text, trims: true)
    guard !source.isEmpty else { throw Diagnostic.error("the directive has no pattern") }
    var pieces: [Piece] = []
    var literal = ""
    var rest = Substring(source)
    while !rest.isEmpty {
      guard let piece = try CheckPattern.takePiece(&rest) else {
        literal.append(rest.removeFirst())
        continue
      }
      if !literal.isEmpty { pieces.append(.literal(literal)) }
      literal = ""
      pieces.append(piece)
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    self.pieces = pieces
    _ = try compiled { _ in "" }
  }

  var usesVariables: Bool {
    pieces.contains { piece in
      if case .use(let name) = piece { return !definitions.contains(name) }
      return false
    }
  }

  private var definitions: [String] {
    pieces.compactMap { piece in
      if case .definition(let name, _) = piece { return name }
      return nil
    }
  }

  /// The characters that stand for themselves.
  var literals: String {
    pieces.map { piece in
      if case .literal(let text) = piece { return text }
      return " "
    }.joined()
  }

  /// A piece that begins at the start of `rest`; nil for a literal character.
  private static func takePiece(_ rest: inout Substring) throws -> Piece? {
    if rest.hasPrefix("{{") {
      guard let end = expressionEnd(rest.dropFirst(2)) else {
        throw Diagnostic.error("'{{' is not closed")
      }
      let expression = String(rest.dropFirst(2)[..<end])
      rest = rest[rest.index(end, offsetBy: 2)...]
      return .expression(expression)
    }
    guard rest.hasPrefix("[[") else { return nil }
    let inner = rest.dropFirst(2)
    let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard let first = name.first, !first.isNumber else { return nil }
    let after = inner[name.endIndex...]
    if after.hasPrefix("]]") {
      rest = after.dropFirst(2)
      return .use(String(name))
    }
    guard after.hasPrefix(":") else { return nil }
    guard let end = variableEnd(after.dropFirst()) else {
      throw Diagnostic.error("'[[\(name):' is not closed")
    }
    let expression = String(after.dropFirst()[..<end])
    rest = rest[rest.index(end, offsetBy: 2)...]
    return .definition(name: String(name), expression: expression)
  }

  /// The last `}}` of the first group of braces: `{{a{2}}}` holds `a{2}`.
  private static func expressionEnd(_ text: Substring) -> Substring.Index? {
    guard var end = text.firstRange(of: "}}")?.lowerBound else { return nil }
    while text[end...].hasPrefix("}}}") { end = text.index(after: end) }
    return end
  }

  /// The `]]` that closes a definition, brackets of its expression counted.
  private static func variableEnd(_ text: Substring) -> Substring.Index? {
    var depth = 0
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == "\\" {
        index = text.index(after: index)
        guard index < text.endIndex else { return nil }
      } else if text[index] == "[" {
        depth += 1
      } else if text[index] == "]" {
        if depth == 0 { return text[index...].hasPrefix("]]") ? index : nil }
        depth -= 1
      }
      index = text.index(after: index)
    }
    return nil
  }

  /// Runs of blanks as one.
  static func blanksJoined(_ text: String, trims: Bool) -> String {
    var result = ""
    for character in text {
      let isBlank = character == " " || character == "\t"
      if isBlank && (result.last == " " || (trims && result.isEmpty)) { continue }
      result.append(isBlank ? " " : character)
    }
    if trims, result.last == " " { result.removeLast() }
    return result
  }
}

// MARK: Matching

extension CheckPattern {
  /// What to look for once variables have their values.
  enum Compiled {
    case literal(String)
    /// `names` are those of the groups, in order.
    case expression(Regex<AnyRegexOutput>, names: [String], startsLine: Bool)
  }

  /// - Throws: a `Diagnostic` without a place for an expression that is none, or a variable that has
  ///   no value.
  func compiled(_ value: (String) throws -> String) throws -> Compiled {
    var text = ""
    var isLiteral = true
    var names: [String] = []
    var plain = ""
    for piece in pieces {
      switch piece {
      case .literal(let literal):
        text += CheckPattern.escaped(literal)
        plain += literal
      case .expression(let expression):
        text += "(?:\(expression))"
        isLiteral = false
      case .definition(let name, let expression):
        text += "(?<\(name)>\(expression))"
        names.append(name)
        isLiteral = false
      case .use(let name):
        if names.contains(name) {
          text += "\\k<\(name)>"
        } else {
          text += CheckPattern.escaped(try value(name))
          plain += try value(name)
        }
      }
    }
    if isLiteral { return .literal(plain) }
    var startsLine = false
    if case .expression(let first)? = pieces.first { startsLine = first.hasPrefix("^") }
    do {
      return .expression(try Regex(text), names: names, startsLine: startsLine)
    } catch {
      throw Diagnostic.error("'\(source)' holds no regular expression: \(error)")
    }
  }

  private static func escaped(_ literal: String) -> String {
    var result = ""
    for character in literal {
      if "\\^$.|?*+()[]{}".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }
}
