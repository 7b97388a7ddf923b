import ArgumentParser
import IR

/// `edgecc check MODEL --target T`
struct Check: Verb {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Report every operation that does not fit a target, and what would help.",
    discussion: """
      Lists every node in one run: those that cannot be imported, and those that break a demand \
      of the target, with the value seen, the remedy, and whether edgecc applies it by itself, \
      which it tries. Exit status 1 if anything does not fit, also where the target lets it run \
      elsewhere.

      EXAMPLES
        edgecc check model.onnx --target npu
        edgecc check model.tflite --target mcu --json
      """)

  @Argument(help: "An ONNX, TFLite or text IR file.", completion: .file())
  var model: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The target.", valueName: "name[,key=value…]"))
  var target: TargetRequest

  @OptionGroup(title: "Quantisation and passes") var lowering: LoweringArguments
  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    var request = try importing.request()
    request.options.cutsUnsupported = true
    let loaded = try ModelLoader(registry: session.registry).loadForTarget(model, &request)
    let survey = try SupportSurvey(loaded, try lowering.request(target), session)
    session.show(survey.log)
    let report = CheckReport(survey: survey)
    session.console.print(wantsJSON ? report.json().text() : report.text(session.console))
    return survey.findings.isEmpty ? .success : .finding
  }
}
