import ArgumentParser
import IR
import TextTests

/// `edgecc test PATH…`
struct Test: Verb {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run text tests: modules with RUN lines and CHECK directives in their comments.",
    discussion: """
      A folder stands for every .eir file below it that has a RUN line. Exit status 1 if a test \
      fails. Docs/testing.md describes the directives.

      EXAMPLES
        edgecc test Tests/Lit
        edgecc test fuse.eir --verbose
        edgecc test Tests/Lit --filter fold- --json
      """)

  @Argument(help: "Text tests, or folders of them.", completion: .file(extensions: ["eir"]))
  var paths: [String]

  @Option(help: ArgumentHelp("Only tests whose name contains this.", valueName: "text"))
  var filter: String?

  @Option(help: "Seed of the inputs of CHECK-SAME-RESULT.")
  var seed: UInt64 = 1

  @Flag(help: "Demand also that a second run of the passes changes nothing.")
  var idempotent: Bool = false

  @Flag(name: .shortAndLong, help: "Name the tests that pass, too.")
  var verbose: Bool = false

  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    var tests = try TextTestFinder.tests(in: paths)
    if let filter { tests = tests.filter { $0.name.contains(filter) } }
    guard !tests.isEmpty else {
      throw Diagnostic.error(
        filter.map { "no test's name contains '\($0)'" } ?? "there are no text tests",
        file: paths.count == 1 ? paths[0] : nil,
        help: ["text tests are .eir files with a line such as '// RUN: canonicalize,fuse'"])
    }
    var runner = TextTestRunner(session.registry)
    runner.seed = seed
    runner.demandsIdempotence = idempotent
    var results: [TextTestResult] = []
    for (index, test) in tests.enumerated() {
      session.progress.update("test", index, tests.count)
      results.append(runner.run(test))
    }
    session.progress.finish()
    let report = TextTestReport(results: results, seed: seed)
    session.console.print(
      wantsJSON ? report.json().text() : report.text(session, verbose: verbose))
    return report.failed == 0 ? .success : .finding
  }
}
