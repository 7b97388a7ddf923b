import ArgumentParser
import IR

/// `edgecc conformance PATH…`
struct Conformance: Verb {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Run every test-case folder below the paths and compare with what is recorded.",
    discussion: """
      A case is a folder with model.onnx or model.tflite, and test_data_set_K with input_J and \
      output_J as .pb or .npy; tolerance.json may widen what counts as equal. Models run as they \
      came: nothing is quantised. Exit status 1 if a case fails.

      EXAMPLES
        edgecc conformance cases
        edgecc conformance cases --target mcu --junit report.xml
        edgecc conformance cases --filter conv --json -
      """)

  @Argument(help: "Folders that hold cases, at any depth.", completion: .directory)
  var paths: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The target.", valueName: "name[,key=value…]"))
  var target: TargetRequest = .interpreter

  @Option(help: ArgumentHelp("Only cases whose path holds this.", valueName: "text"))
  var filter: String?

  @Option(help: ArgumentHelp("Passes to run first, on the interpreter.", valueName: "passes"))
  var passPipeline: String?

  @Option(
    help: ArgumentHelp("Write the outcome of each case; '-' prints it.", valueName: "file"),
    completion: .file())
  var json: String?

  @Option(help: ArgumentHelp("Write a JUnit report.", valueName: "file"), completion: .file())
  var junit: String?

  @Flag(name: .shortAndLong, help: "Name every case, not only those that fail.")
  var verbose: Bool = false

  @OptionGroup(title: "Display") var display: DisplayOptions
  var wantsJSON: Bool { json == "-" }

  func validate() throws {
    if passPipeline != nil && !target.isInterpreter {
      throw ValidationError("--pass-pipeline goes with --target interpreter")
    }
  }

  func run(in session: Session) async throws -> ExitStatus {
    if !target.isInterpreter { _ = try session.backend(target) }
    let cases = try ConformanceRunner.cases(below: paths, filter: filter)
    let runner = ConformanceRunner(session: session, target: target, pipeline: passPipeline)
    let report = ConformanceReport(target: target.text, results: await runner.run(cases))
    if let junit { try FileTree.write(report.junit(), to: junit) }
    if let json, json != "-" { try FileTree.write(report.json().text(), to: json) }
    session.console.print(
      wantsJSON ? report.json().text() : report.text(session.console, verbose: verbose))
    return report.failed > 0 ? .finding : .success
  }
}
