import ArgumentParser
import IR

/// `edgecc opt FILE`
struct Opt: Verb {
  static let configuration = CommandConfiguration(
    commandName: "opt",
    abstract: "Run passes over a model and print it as text IR.",
    discussion: """
      EXAMPLES
        edgecc opt model.onnx -o model.eir
        edgecc opt model.eir --pass-pipeline 'canonicalize,fuse'
        edgecc opt model.onnx --pass-pipeline canonicalize --print-ir-after-change --no-weights
        edgecc opt model.onnx --target npu --timing -o lowered.eir
      """)

  @Argument(help: "An ONNX, TFLite or text IR file.", completion: .file())
  var model: String

  @Option(help: ArgumentHelp("Passes with their options.", valueName: "passes"))
  var passPipeline: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Run the passes that this target is compiled with.", valueName: "name[,key=value…]"))
  var target: TargetRequest?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Default: standard output.", valueName: "file.eir"),
    completion: .file(extensions: ["eir"]))
  var output: String?

  @Option(help: "int8 or none, with --target.")
  var quantize: CompileRequest.Quantize?

  @Option(
    help: ArgumentHelp("Samples for the pass 'quantize'.", valueName: "file.npz|folder"),
    completion: .file())
  var calibration: String?

  @Flag(inversion: .prefixedNo, help: "Print the values of large constants.")
  var weights: Bool = true
  @Flag(help: "Print the IR after each pass, on standard error.")
  var printIrAfterAll: Bool = false
  @Flag(help: "Print the IR after each pass that changed it, on standard error.")
  var printIrAfterChange: Bool = false
  @Flag(help: "Tell how long each pass took, on standard error.")
  var timing: Bool = false

  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func validate() throws {
    if passPipeline != nil && target != nil {
      throw ValidationError("--pass-pipeline and --target both say which passes run: choose one")
    }
  }

  func run(in session: Session) async throws -> ExitStatus {
    var request = try importing.request()
    let loader = ModelLoader(registry: session.registry)
    let loaded =
      try target == nil ? loader.load(model, request) : loader.loadForTarget(model, &request)
    let observer = PassObserver(
      session.console, printsAll: printIrAfterAll, printsChanges: printIrAfterChange)
    let (module, log) = try lower(loaded, session, observer)
    session.show(log)
    if timing { session.console.note(observer.timing(session.console)) }
    let text = Printer.print(module, resources: weights)
    if let output {
      try FileTree.write(text, to: output)
    } else if !wantsJSON {
      session.console.print(text)
    }
    if wantsJSON {
      session.console.print(
        JSON.document([
          ("model", .string(loaded.fileName)),
          ("operations", .int(ModelFacts(module).operationCount)),
          ("passes", .array(observer.records.map(\.json))), ("output", .optional(output)),
        ]).text())
    }
    return .success
  }

  private func lower(
    _ loaded: LoadedModel, _ session: Session, _ observer: PassObserver
  ) throws -> (Module, DiagnosticLog) {
    let hook: @Sendable (String, Module, Bool) -> Void = { observer.note($0, $1, $2) }
    if let target {
      var request = CompileRequest(target: target)
      request.quantize = quantize
      request.calibration = calibration
      let lowered = try Compiler(session, request, afterPass: hook).lower(loaded)
      return (lowered.module, lowered.log)
    }
    let pipeline = try Pipeline(parsing: passPipeline ?? "")
    var context = PassContext(progress: session.passProgress)
    context.log = loaded.log
    if pipeline.steps.contains(where: { $0.name == "quantize" }) {
      let reader = DataSetReader(
        interface: loaded.module.interface, layout: nil,
        modelLayout: DataLayout.ofModels(loaded.module.source.format))
      context.calibration = try Calibration.load(calibration, reader).samples
    }
    defer { session.progress.finish() }
    var module = loaded.module
    var manager = PassManager(session.registry)
    manager.afterPass = hook
    try manager.run(pipeline, on: &module, &context)
    return (module, context.log)
  }
}
