/// A place in a text: line and byte of the line, both from 0.
struct TextPosition: Hashable, Comparable, Sendable {
  var line: Int
  var offset: Int

  static func < (a: TextPosition, b: TextPosition) -> Bool {
    a.line != b.line ? a.line < b.line : a.offset < b.offset
  }
}

/// What a pattern matched; matches do not go beyond a line.
struct TextMatch {
  let start: TextPosition
  let end: TextPosition
  let captures: [String: String]

  func overlaps(_ other: TextMatch) -> Bool { start < other.end && other.start < end }
}

/// The text that directives speak of.
struct OutputText {
  /// With runs of blanks as one.
  private let lines: [String]
  /// As printed.
  let printed: [String]

  init(_ text: String) {
    var all = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    if all.last == "" { all.removeLast() }
    printed = all
    lines = all.map { CheckPattern.blanksJoined($0, trims: false) }
  }

  static let start = TextPosition(line: 0, offset: 0)
  var end: TextPosition { TextPosition(line: lines.count, offset: 0) }

  /// The first match of `pattern` that lies in `from ..< to`.
  func find(
    _ pattern: CheckPattern.Compiled, from: TextPosition, to: TextPosition
  ) -> TextMatch? {
    var line = from.line
    while line < lines.count, line <= to.line {
      let start = line == from.line ? from.offset : 0
      let end = line == to.line ? to.offset : lines[line].utf8.count
      if start <= end, let match = find(pattern, line, start, end) { return match }
      line += 1
    }
    return nil
  }

  private func find(
    _ pattern: CheckPattern.Compiled, _ line: Int, _ start: Int, _ end: Int
  ) -> TextMatch? {
    let bytes = lines[line].utf8
    let first = bytes.index(bytes.startIndex, offsetBy: start)
    let part = lines[line][first..<bytes.index(bytes.startIndex, offsetBy: end)]
    var captures: [String: String] = [:]
    let range: Range<Substring.Index>
    switch pattern {
    case .literal(let text):
      guard let found = part.firstRange(of: text) else { return nil }
      range = found
    case .expression(let expression, let names, let startsLine):
      if startsLine && start > 0 { return nil }
      guard let found = try? expression.firstMatch(in: part) else { return nil }
      range = found.range
      for name in names {
        if let text = found.output[name]?.substring { captures[name] = String(text) }
      }
    }
    func position(_ index: Substring.Index) -> TextPosition {
      TextPosition(line: line, offset: bytes.distance(from: bytes.startIndex, to: index))
    }
    return TextMatch(
      start: position(range.lowerBound), end: position(range.upperBound), captures: captures)
  }

  /// The lines around line `center`, which is marked.
  func excerpt(around center: Int) -> String {
    if printed.isEmpty { return "(there is no output)" }
    let center = min(max(center, 0), printed.count - 1)
    let shown = max(0, center - 2)...min(printed.count - 1, center + 3)
    let width = String(shown.upperBound + 1).count
    return shown.map { index in
      let number = String(index + 1)
      let gap = String(repeating: " ", count: width - number.count)
      return "\(index == center ? ">" : " ") \(gap)\(number) | \(printed[index])"
    }.joined(separator: "\n")
  }

  /// The line that looks most like `text`, by the pairs of letters that they share; nil where none
  /// shares two thirds of them.
  func nearestLine(to text: String, from: TextPosition, to: TextPosition) -> Int? {
    let wanted = OutputText.pairs(text)
    guard wanted.count > 2 else { return nil }
    var best: (line: Int, score: Double)?
    for line in from.line..<min(lines.count, max(to.line + 1, from.line), from.line + 2000) {
      let shared = wanted.intersection(OutputText.pairs(lines[line])).count
      let score = Double(shared) / Double(wanted.count)
      if score >= 2.0 / 3, score > best?.score ?? 0 { best = (line, score) }
    }
    return best?.line
  }

  private static func pairs(_ text: String) -> Set<UInt16> {
    let bytes = Array(text.utf8)
    var result: Set<UInt16> = []
    for (a, b) in zip(bytes, bytes.dropFirst()) { result.insert(UInt16(a) << 8 | UInt16(b)) }
    return result
  }
}
