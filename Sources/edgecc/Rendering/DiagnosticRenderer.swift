import IR

/// Diagnostics as text and as JSON.
struct DiagnosticRenderer {
  let console: Console

  /// `model.onnx:Conv_3: error: …`, then `note:` and `help:` lines.
  func text(_ diagnostic: Diagnostic) -> String {
    var head = [diagnostic.file, diagnostic.place].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: ":")
    if !head.isEmpty { head = console.errorText(head + ":", "1") + " " }
    let label = diagnostic.category == .internal ? "internal error" : diagnostic.severity.rawValue
    var text = head + console.errorText(label + ":", color(diagnostic.severity))
    text += " \(diagnostic.message)\n"
    for note in diagnostic.notes { text += line("note", note) }
    for help in diagnostic.help { text += line("help", help) }
    return text
  }

  static func json(_ diagnostic: Diagnostic) -> JSON {
    .object([
      ("severity", .string(diagnostic.severity.rawValue)),
      ("category", .string(diagnostic.category.rawValue)),
      ("message", .string(diagnostic.message)),
      ("file", .optional(diagnostic.file)),
      ("place", .optional(diagnostic.place)),
      ("notes", .strings(diagnostic.notes)),
      ("help", .strings(diagnostic.help)),
    ])
  }

  private func line(_ label: String, _ text: String) -> String {
    // The lines of a longer text stand under its first.
    let gap = "\n" + String(repeating: " ", count: label.count + 4)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return "  " + console.errorText(label + ":", "36") + " " + lines.joined(separator: gap) + "\n"
  }

  private func color(_ severity: Diagnostic.Severity) -> String {
    switch severity {
    case .error: "1;31"
    case .warning: "1;33"
    case .remark: "1;34"
    }
  }
}
