import IR
import TextTests

/// What `test` has to say.
struct TextTestReport {
  let results: [TextTestResult]
  let seed: UInt64

  var failed: Int { results.filter { !$0.passed }.count }
  private var passed: Int { results.count - failed }

  /// Complaints of each test that fails, then the count.
  func text(_ session: Session, verbose: Bool) -> String {
    let console = session.console
    var text = ""
    for result in results {
      if result.passed {
        if verbose { text += "\(console.green("pass")) \(result.name)\n" }
        continue
      }
      text += "\(console.red("FAIL")) \(result.name)\n"
      for complaint in result.complaints { text += session.renderer.text(complaint) }
    }
    let count = Format.count(results.count, "test")
    let verdict = failed == 0 ? console.green("\(passed) passed") : "\(passed) passed"
    let failures = failed == 0 ? "" : ", " + console.red("\(failed) failed")
    return text + "\(count): \(verdict)\(failures)\n"
  }

  func json() -> JSON {
    .document([
      ("tests", .int(results.count)), ("passed", .int(passed)), ("failed", .int(failed)),
      ("seed", .string("\(seed)")),
      (
        "results",
        .array(
          results.map { result in
            .object([
              ("name", .string(result.name)), ("file", .string(result.path)),
              ("line", .int(result.line)), ("passed", .bool(result.passed)),
              ("complaints", .array(result.complaints.map { DiagnosticRenderer.json($0) })),
            ])
          })
      ),
    ])
  }
}
