import ArgumentParser

/// A verb of the command line. It is handed what it works with, so that nothing is global.
protocol Verb: ParsableCommand {
  var display: DisplayOptions { get }
  /// Whether the result is asked for as JSON on standard output.
  var wantsJSON: Bool { get }
  /// - Throws: `Diagnostic` or `Diagnostics`.
  func run(in session: Session) async throws -> ExitStatus
}
