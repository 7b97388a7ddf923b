import IR

/// `// expected-error@+1 {{text}}`: a diagnostic that reading or a pass has to give.
struct ExpectedDiagnostic: Sendable {
  enum Place: Sendable {
    /// The directive's line and so many more.
    case offset(Int)
    /// The nearest line above or below that is more than a comment.
    case above, below
    /// The diagnostic has no line.
    case unknown
  }

  let severity: Diagnostic.Severity
  /// The line of the file that it speaks of; nil for one without a line.
  let target: Int?
  /// What the message contains.
  let text: String
  /// The directive's own line.
  let line: Int

  /// Every expectation of a comment.
  ///
  /// - Parameter resolve: the line of a place; nil for `.unknown`.
  /// - Throws: a `Diagnostic` without a place.
  static func parse(
    _ comment: String, line: Int, _ resolve: (Place) -> Int?
  ) throws -> [ExpectedDiagnostic] {
    var result: [ExpectedDiagnostic] = []
    var rest = Substring(comment)
    while let start = rest.firstRange(of: "expected-") {
      rest = rest[start.upperBound...]
      let word = rest.prefix { $0.isLetter }
      guard let severity = Diagnostic.Severity(rawValue: String(word)) else {
        throw Diagnostic.error(
          "no directive is named 'expected-\(word)'",
          help: ["there are expected-error, expected-warning and expected-remark"])
      }
      rest = rest[word.endIndex...]
      let place = try takePlace(&rest)
      while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
      guard rest.hasPrefix("{{"), let end = rest.firstRange(of: "}}") else {
        throw Diagnostic.error("expected-\(word) needs the message, or a part of it, as {{text}}")
      }
      let text = String(rest[..<end.lowerBound].dropFirst(2))
      result.append(
        ExpectedDiagnostic(severity: severity, target: resolve(place), text: text, line: line))
      rest = rest[end.upperBound...]
    }
    return result
  }

  private static func takePlace(_ rest: inout Substring) throws -> Place {
    guard rest.first == "@" else { return .offset(0) }
    let word = rest.dropFirst().prefix { !$0.isWhitespace && $0 != "{" }
    rest = rest[word.endIndex...]
    switch word {
    case "above": return .above
    case "below": return .below
    case "unknown": return .unknown
    default:
      guard let sign = word.first, sign == "+" || sign == "-", let offset = Int(word) else {
        throw Diagnostic.error(
          "'@\(word)' is no place", help: ["places are @+1, @-1, @above, @below and @unknown"])
      }
      return .offset(offset)
    }
  }

  func matches(_ found: Diagnostic, lines: [Int]) -> Bool {
    guard severity == found.severity, found.message.contains(text) else { return false }
    guard let target else { return lines.isEmpty }
    return lines.contains(target)
  }
}

/// Holds what was found against what is expected.
struct DiagnosticCheck {
  let path: String
  let firstLine: Int
  let expected: [ExpectedDiagnostic]

  /// What is missing and what is too much. Remarks may be too much unless one is expected.
  func complaints(about found: [Diagnostic]) -> [Diagnostic] {
    var open = Array(found.indices)
    var result: [Diagnostic] = []
    for expectation in expected {
      let index = open.firstIndex { expectation.matches(found[$0], lines: lines(of: found[$0])) }
      if let index {
        open.remove(at: index)
      } else {
        result.append(missing(expectation, open.map { found[$0] }))
      }
    }
    let expectsRemarks = expected.contains { $0.severity == .remark }
    for index in open where found[index].severity != .remark || expectsRemarks {
      result.append(unexpected(found[index]))
    }
    return result
  }

  private func missing(_ expectation: ExpectedDiagnostic, _ found: [Diagnostic]) -> Diagnostic {
    let place = expectation.target.map { "for line \($0)" } ?? "without a line"
    let near = found.filter { $0.severity == expectation.severity }.map { diagnostic in
      let lines = lines(of: diagnostic).map { "\($0)" }.joined(separator: ", ")
      return "there is: \(lines.isEmpty ? "" : "line \(lines): ")\(diagnostic.message)"
    }
    return .error(
      "expected-\(expectation.severity.rawValue): nothing \(place) says '\(expectation.text)'",
      file: path, place: "\(expectation.line)", notes: Array(near.prefix(4)))
  }

  private func unexpected(_ found: Diagnostic) -> Diagnostic {
    let line = lines(of: found).first
    return .error(
      "unexpected \(found.severity.rawValue): \(found.message)", file: path,
      place: "\(line ?? firstLine)", notes: found.notes, help: found.help)
  }

  /// The lines that a diagnostic speaks of. Reading gives `line:column`, and for these tests every
  /// operation's location has such an entry, so that a fused operation has several.
  private func lines(of diagnostic: Diagnostic) -> [Int] {
    (diagnostic.place ?? "").split(separator: " ").compactMap { word in
      let parts = word.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let line = Int(parts[0]), Int(parts[1]) != nil else { return nil }
      return firstLine + line - 1
    }
  }
}
