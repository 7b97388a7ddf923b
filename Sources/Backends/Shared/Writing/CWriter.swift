/// C source text; indentation follows the nesting of `block`.
struct CWriter {
  private(set) var text: String = ""
  private var depth: Int = 0

  /// One line at the current depth; empty for a blank line.
  mutating func line(_ content: String = "") {
    if !content.isEmpty {
      for _ in 0..<depth { text += "    " }
      text += content
    }
    text += "\n"
  }

  /// `head {`, the body one level deeper, `}` and `tail`.
  mutating func block(_ head: String, tail: String = "", _ body: (inout CWriter) -> Void) {
    line(head.isEmpty ? "{" : head + " {")
    depth += 1
    body(&self)
    depth -= 1
    line("}" + tail)
  }

  /// A function: its head, the brace on a line of its own, the body.
  mutating func function(_ head: String, _ body: (inout CWriter) -> Void) {
    line(head)
    block("", body)
  }

  /// A comment of one or more lines, broken at 98 columns. `*/` in `content` is taken apart.
  mutating func comment(_ content: String) {
    let safe = CWriter.harmless(content)
    let lines = safe.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { CWriter.wrap(String($0), to: 94 - 4 * depth) }
    guard lines.count > 1 else {
      line("/* \(lines.first ?? "") */")
      return
    }
    for (index, part) in lines.enumerated() {
      let end = index == lines.count - 1 ? " */" : ""
      line((index == 0 ? "/* " : " * ") + part + end)
    }
  }

  /// Comma-separated values, as many a line as fit 100 columns.
  mutating func values(_ items: some Sequence<String>) {
    var row = ""
    let room = 98 - 4 * depth
    for item in items {
      if !row.isEmpty && row.utf8.count + item.utf8.count + 2 > room {
        line(row + ",")
        row = ""
      }
      row += row.isEmpty ? item : ", " + item
    }
    if !row.isEmpty { line(row) }
  }

  private static func wrap(_ content: String, to width: Int) -> [String] {
    var lines: [String] = []
    var row = ""
    for word in content.split(separator: " ", omittingEmptySubsequences: false) {
      if !row.isEmpty && row.count + word.count + 1 > width {
        lines.append(row)
        row = String(word)
      } else {
        row = row.isEmpty ? String(word) : row + " " + word
      }
    }
    return lines + [row]
  }

  /// Names from a model may hold anything; none may end the comment or the line.
  static func harmless(_ content: String) -> String {
    var result = ""
    for scalar in content.unicodeScalars {
      if scalar == "/" && result.hasSuffix("*") || scalar == "*" && result.hasSuffix("/") {
        result += " "
      }
      let isControl = scalar.value < 32 && scalar != "\n" || scalar.value == 127
      result.unicodeScalars.append(isControl || scalar == "\\" || scalar.value > 126 ? "?" : scalar)
    }
    return result.replacing("??", with: "? ?")
  }
}
