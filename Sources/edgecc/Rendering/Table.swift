/// Rows under headings, aligned by what a terminal shows of each character.
struct Table {
  enum Alignment { case left, right }

  struct Column {
    let title: String
    let alignment: Alignment

    init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: [String]) {
    let missing = max(0, columns.count - cells.count)
    rows.append(Array(cells.prefix(columns.count)) + [String](repeating: "", count: missing))
  }

  var isEmpty: Bool { rows.isEmpty }

  /// For a terminal: two spaces between columns, no lines. Empty titles give no heading row.
  func text(indentation: Int = 0, _ console: Console) -> String {
    var widths = [Int](repeating: 0, count: columns.count)
    for row in rows + [columns.map(\.title)] {
      for (index, cell) in row.enumerated() {
        widths[index] = max(widths[index], Table.width(of: cell))
      }
    }
    var lines: [String] = []
    if columns.contains(where: { !$0.title.isEmpty }) {
      lines.append(console.bold(line(columns.map(\.title), widths)))
    }
    for row in rows { lines.append(line(row, widths)) }
    let margin = String(repeating: " ", count: indentation)
    return lines.map { margin + $0 + "\n" }.joined()
  }

  /// As a Markdown table.
  func markdown() -> String {
    func escaped(_ cell: String) -> String {
      var result = ""
      for character in cell { result += character == "|" ? "\\|" : String(character) }
      return result
    }
    func join(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    let rules: [String] = columns.map { $0.alignment == .right ? "--:" : "---" }
    var text = join(columns.map(\.title)) + join(rules)
    for row in rows { text += join(row.map(escaped)) }
    return text
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var parts: [String] = []
    for (index, cell) in cells.enumerated() {
      let gap = String(repeating: " ", count: widths[index] - Table.width(of: cell))
      parts.append(columns[index].alignment == .right ? gap + cell : cell + gap)
    }
    var text = parts.joined(separator: "  ")
    while text.last == " " { text.removeLast() }
    return text
  }

  /// Terminal cells of `text`: 2 for wide East Asian characters and emoji, 0 for marks that
  /// combine.
  static func width(of text: String) -> Int {
    var total = 0
    for character in text {
      guard let first = character.unicodeScalars.first else { continue }
      total += width(of: first)
    }
    return total
  }

  /// Source: Unicode Standard Annex 11, the ranges that are wide as a whole.
  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x300..<0x370, 0x200B..<0x2010: return 0
    case 0x1100..<0x1160, 0x2E80..<0xA4D0, 0xAC00..<0xD7A4, 0xF900..<0xFB00, 0xFE30..<0xFE70,
      0xFF00..<0xFF61, 0xFFE0..<0xFFE7, 0x1F300..<0x1F650, 0x1F900..<0x1FA00, 0x20000..<0x40000:
      return 2
    default: return 1
    }
  }
}
