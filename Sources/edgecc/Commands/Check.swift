import ArgumentParser
import IR

/// `edgecc check MODEL --target T`
struct Check: Verb {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Report every operation that does not fit a target, and what would help.",
    discussion: """
      Exit status 1 if anything does not fit, also where the target lets it run elsewhere.

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
    let loaded = try ModelLoader(registry: session.registry).loadForTarget(model, &request)
    let lowered = try Compiler(session, lowering.request(target)).lower(loaded)
    session.show(lowered.log)
    let found =
      lowered.backend.hasFallback ? lowered.support.beyondBorder : lowered.support.violations
    let total = ModelFacts(lowered.module).operationCount
    if wantsJSON {
      session.console.print(json(lowered, found, total).text())
    } else {
      session.console.print(text(lowered, found, total, session))
    }
    return found.isEmpty ? .success : .finding
  }

  private func text(
    _ lowered: LoweredModel, _ found: [Violation], _ total: Int, _ session: Session
  ) -> String {
    let severity: Diagnostic.Severity = lowered.backend.hasFallback ? .warning : .error
    let homeless = lowered.support.homeless
    var text = ""
    for violation in found {
      let diagnostic = violation.diagnostic(target: target.name, severity: severity)
        .inFile(lowered.model.path)
      text += session.renderer.text(diagnostic)
    }
    // Errors last: they are what stops a compilation.
    for diagnostic in lowered.support.diagnostics(homeless, file: lowered.model.path) {
      text += session.renderer.text(diagnostic)
    }
    if found.isEmpty {
      return "\(lowered.model.fileName) fits \(target.name): \(Format.count(total, "operation"))\n"
    }
    let nodes = Set(found.map(\.node.results)).count
    let runsElsewhere = lowered.backend.hasFallback && homeless.isEmpty
    let fate = runsElsewhere ? "run elsewhere" : "are not supported"
    text +=
      "\(nodes) of \(Format.count(total, "operation")) do not fit \(target.name) and \(fate)\n"
    return text
  }

  private func json(_ lowered: LoweredModel, _ found: [Violation], _ total: Int) -> JSON {
    .document([
      ("model", .string(lowered.model.fileName)), ("target", .string(target.name)),
      ("operations", .int(total)), ("fits", .bool(found.isEmpty)),
      ("fallback", .bool(lowered.backend.hasFallback)),
      (
        "compiles",
        .bool(lowered.support.homeless.isEmpty && (found.isEmpty || lowered.backend.hasFallback))
      ),
      (
        "violations",
        .array(
          found.map { violation in
            .object([
              ("node", .string(violation.node.location.summary)),
              ("source_operation", .optional(violation.node.location.nodes.first?.operation)),
              ("operation", .string(type(of: violation.node.operation).mnemonic)),
              ("constraint", .string(violation.constraint.code)),
              ("sentence", .string(violation.constraint.sentence)),
              ("seen", .string(violation.seen)),
              ("help", .optional(violation.constraint.help)),
            ])
          })
      ),
    ])
  }
}
