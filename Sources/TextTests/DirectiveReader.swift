import IR

/// Finds the directives in the comments of a test.
struct DirectiveReader {
  private(set) var runs: [RunLine] = []
  private(set) var directives: [Directive] = []
  private(set) var expected: [ExpectedDiagnostic] = []
  private(set) var sameResult: Bool = false
  private(set) var faults: [Diagnostic] = []
  private let path: String
  private let firstLine: Int
  private let lines: [String]
  private let comments: [Comment?]

  private struct Comment {
    /// Without the slashes and the space around it.
    let text: String
    /// Whether nothing stands before it.
    let isAlone: Bool
  }

  init(path: String, firstLine: Int, lines: [String]) {
    self.path = path
    self.firstLine = firstLine
    self.lines = lines
    comments = lines.map { DirectiveReader.comment(of: $0) }
  }

  /// - Parameter shared: the runs of a test that has none of its own.
  mutating func read(sharing shared: [RunLine]) {
    for (index, comment) in comments.enumerated() {
      guard let text = comment?.text, text.hasPrefix("RUN:") else { continue }
      do {
        let options = String(text.dropFirst("RUN:".count))
        runs.append(try RunLine(options, line: firstLine + index))
      } catch {
        add(error, at: index)
      }
    }
    if runs.isEmpty && faults.isEmpty { runs = shared }
    let prefixes = Set(runs.flatMap(\.prefixes))
    for (index, comment) in comments.enumerated() {
      guard let text = comment?.text else { continue }
      do {
        try readCheck(text, prefixes, index)
        try readExpectations(text, index)
      } catch {
        add(error, at: index)
      }
    }
    refuseLoose()
    complainOfNothing()
  }

  private mutating func readCheck(_ text: String, _ prefixes: Set<String>, _ index: Int) throws {
    if text.split(separator: " ").first == "CHECK-SAME-RESULT" {
      sameResult = true
      return
    }
    guard let colon = text.firstIndex(of: ":") else { return }
    let word = text[..<colon]
    guard word.utf8.allSatisfy({ DirectiveReader.isWordByte($0) }) else { return }
    guard let prefix = prefixes.filter({ word == $0 || word.hasPrefix($0 + "-") }).max(by: {
      $0.count < $1.count
    }) else { return }
    let suffix = String(word.dropFirst(prefix.count + 1))
    guard let kind = Directive.Kind(rawValue: suffix) else {
      let names = Directive.Kind.allCases.map(\.rawValue).filter { !$0.isEmpty }
      let nearest = nearestName(to: suffix, in: names)
      throw Diagnostic.error(
        "no directive is named '\(word)'",
        help: [
          nearest.map { "did you mean '\(prefix)-\($0)'?" }
            ?? "there are \(names.map { "\(prefix)-\($0)" }.joined(separator: ", "))"
        ])
    }
    let pattern = try CheckPattern(String(text[text.index(after: colon)...]))
    if kind == .label && pattern.usesVariables {
      throw Diagnostic.error("\(word) cannot use variables: labels are looked for first")
    }
    directives.append(
      Directive(prefix: prefix, kind: kind, pattern: pattern, line: firstLine + index))
  }

  private mutating func readExpectations(_ text: String, _ index: Int) throws {
    guard text.hasPrefix("expected-") else { return }
    let (lines, firstLine) = (lines, firstLine)
    expected += try ExpectedDiagnostic.parse(text, line: firstLine + index) { place in
      switch place {
      case .unknown: return nil
      case .offset(let offset): return firstLine + index + offset
      case .above:
        return firstLine + ((0..<index).last { !isComment($0) } ?? -1)
      case .below:
        return firstLine + ((index..<lines.count).first { !isComment($0) } ?? lines.count)
      }
    }
  }

  private func isComment(_ index: Int) -> Bool { comments[index]?.isAlone == true }

  /// A `NEXT` or `SAME` that no `CHECK` or label stands before.
  private mutating func refuseLoose() {
    for prefix in Set(directives.map(\.prefix)).sorted() {
      let moving = directives.first { $0.prefix == prefix && $0.kind != .not && $0.kind != .dag }
      guard let moving, moving.kind == .next || moving.kind == .same else { continue }
      faults.append(
        .error(
          "\(moving.title) without a \(prefix) before it", file: path, place: "\(moving.line)"))
    }
  }

  private mutating func complainOfNothing() {
    guard faults.isEmpty else { return }
    if runs.isEmpty {
      faults.append(
        .error(
          "there is no RUN line", file: path, place: "\(firstLine)",
          help: ["'// RUN: canonicalize,fuse' names passes, '// RUN:' none"]))
    } else if directives.isEmpty && expected.isEmpty && !sameResult {
      faults.append(
        .error(
          "the test cannot fail: it has no directive", file: path, place: "\(firstLine)",
          help: ["CHECK: …, CHECK-SAME-RESULT, expected-error {{…}}: see Docs/testing.md"]))
    }
  }

  private mutating func add(_ error: any Error, at index: Int) {
    var diagnostic = error as? Diagnostic ?? .internalError("\(error)")
    diagnostic.file = path
    diagnostic.place = "\(firstLine + index)"
    faults.append(diagnostic)
  }

  /// What follows `//` outside of strings.
  private static func comment(of line: String) -> Comment? {
    let bytes = Array(line.utf8)
    var isString = false
    var index = 0
    while index + 1 < bytes.count {
      let byte = bytes[index]
      if isString && byte == UInt8(ascii: "\\") { index += 1 }
      if byte == UInt8(ascii: "\"") { isString.toggle() }
      if !isString, byte == UInt8(ascii: "/"), bytes[index + 1] == byte {
        let before = bytes[..<index].allSatisfy { $0 == UInt8(ascii: " ") || $0 == 9 }
        let text = String(decoding: bytes[(index + 2)...], as: UTF8.self)
        return Comment(text: trimmed(text), isAlone: before)
      }
      index += 1
    }
    return nil
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte | 32 >= UInt8(ascii: "a") && byte | 32 <= UInt8(ascii: "z")
      || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
