import ArgumentParser
import IR

/// Turns what was thrown into text and an exit status.
struct ErrorReport {
  private let console: Console
  private let wantsJSON: Bool

  init(_ console: Console, wantsJSON: Bool) {
    self.console = console
    self.wantsJSON = wantsJSON
  }

  /// What parsing the arguments threw, requests for help and the version among it.
  func show(parsing error: any Error, _ arguments: [String]) -> ExitStatus {
    if error is Diagnostic { return show(error) }
    if Edgecc.exitCode(for: error) == .success {
      console.print(Edgecc.fullMessage(for: error) + "\n")
      return .success
    }
    // Told before an argument that seems to be missing because of it.
    if let unknown = CommandLineCheck.unknownOption(arguments) { return show(unknown) }
    console.note(console.errorText("error:", "1;31") + " \(Edgecc.message(for: error))\n")
    // The usage and the pointer to the help, without the message once more.
    let rest = Edgecc.fullMessage(for: error).split(separator: "\n").drop { line in
      !line.hasPrefix("Usage:")
    }
    for line in rest { console.note("  \(line)\n") }
    return .usage
  }

  /// What a verb threw.
  func show(_ error: any Error) -> ExitStatus {
    let diagnostics = ErrorReport.diagnostics(error)
    let renderer = DiagnosticRenderer(console: console)
    for diagnostic in diagnostics { console.note(renderer.text(diagnostic)) }
    let status = ExitStatus(diagnostics)
    if wantsJSON {
      let document = JSON.document([
        ("status", .int(Int(status.rawValue))),
        ("diagnostics", .array(diagnostics.map { DiagnosticRenderer.json($0) })),
      ])
      console.print(document.text())
    }
    return status
  }

  private static func diagnostics(_ error: any Error) -> [Diagnostic] {
    switch error {
    case let diagnostic as Diagnostic: [diagnostic]
    case let several as Diagnostics: several.all
    case let error as OperationError: [.internalError(error.message)]
    default: [.internalError("\(error)")]
    }
  }
}
