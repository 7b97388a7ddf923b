import ArgumentParser
import IR

/// `edgecc opt FILE`
struct Opt: Verb {
  static let configuration = CommandConfiguration(
    commandName: "opt",
    abstract: "Run passes over a model and write it as text IR or ONNX.",
    discussion: """
      A pipeline is a list of passes with their options, 'edgecc passes' lists both; 'default' \
      stands for the passes that every compilation runs.

      EXAMPLES
        edgecc opt model.onnx -o model.eir
        edgecc opt model.eir --pass-pipeline 'canonicalize,fold-constants{limit=4096}'
        edgecc opt model.onnx --pass-pipeline default --print-ir-after-change --no-weights
        edgecc opt model.onnx --pass-pipeline default -Rpass-missed=fuse
        edgecc opt model.onnx --pass-pipeline default --bisect --data test.npz
        edgecc opt model.onnx --target npu --compile-to quantize --timing -o quantized.eir
        edgecc opt model.tflite --pass-pipeline default -o model.onnx
        edgecc opt crash.eir --run-reproducer
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
    help: ArgumentHelp(
      "With --target: stop after import, optimize, quantize or lower.", valueName: "stage"))
  var compileTo: CompileStage?

  @Flag(help: "Run the passes that a reproducer names, on the module in it.")
  var runReproducer: Bool = false

  @Flag(help: "Find the rewrite that changes the results; exit status 1 where there is one.")
  var bisect: Bool = false

  @Option(
    help: ArgumentHelp(
      "With --bisect: samples to compare on; synthetic where none are given.",
      valueName: "file.npz"), completion: .file())
  var data: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Default: standard output.", valueName: "file.eir"),
    completion: .file(extensions: ["eir", "onnx"]))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "What is written: ir, onnx or tflite; default: what the output's name says, else ir.",
      valueName: "format"))
  var emit: ModelFormat?

  @Option(help: "int8 or none, with --target.")
  var quantize: CompileRequest.Quantize?

  @Option(
    help: ArgumentHelp("Samples for the pass 'quantize'.", valueName: "file.npz|folder"),
    completion: .file())
  var calibration: String?

  @Flag(inversion: .prefixedNo, help: "Print the values of large constants.")
  var weights: Bool = true

  @OptionGroup(title: "Watching passes") var passes: PassArguments
  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func validate() throws {
    let sources = [passPipeline != nil, target != nil, runReproducer].filter { $0 }
    if sources.count > 1 {
      throw ValidationError(
        "--pass-pipeline, --target and --run-reproducer each say which passes run: choose one")
    }
    if compileTo != nil && target == nil {
      throw ValidationError("--compile-to names a stage on the way to a --target")
    }
    if let emit, emit.isBinary && output == nil {
      throw ValidationError("--emit \(emit.rawValue) needs a file: -o model.\(emit.suffix)")
    }
    if data != nil && !bisect { throw ValidationError("--data goes with --bisect") }
  }

  func run(in session: Session) async throws -> ExitStatus {
    var request = try importing.request()
    let loader = ModelLoader(registry: session.registry)
    let loaded =
      try target == nil ? loader.load(model, request) : loader.loadForTarget(model, &request)
    let work = try self.work(session)
    if bisect { return try work.bisect(loaded, data, session, wantsJSON: wantsJSON) }
    let result = try work.run(loaded, try passes.settings(session.registry), session)
    session.show(result.log)
    try show(result, loaded, session)
    return .success
  }

  /// The passes that the options ask for.
  private func work(_ session: Session) throws -> OptimizationWork {
    if runReproducer {
      let reproducer = try Reproducer(path: model)
      guard let target = reproducer.target.flatMap({ TargetRequest(parsing: $0) }) else {
        return OptimizationWork(reproducer.pipeline, calibration: reproducer.calibration)
      }
      let backend = target.isInterpreter ? nil : try session.backend(target)
      return OptimizationWork(
        reproducer.pipeline, constraints: backend?.constraints ?? [], target: target,
        calibration: reproducer.calibration)
    }
    guard let target else {
      return OptimizationWork(
        try Pipeline(parsing: passPipeline ?? ""), calibration: calibration)
    }
    var request = CompileRequest(target: target)
    request.quantize = quantize
    request.calibration = calibration
    request.lastStage = compileTo ?? .lower
    return OptimizationWork(compilation: request)
  }

  private func show(
    _ result: OptimizationWork.Result, _ loaded: LoadedModel, _ session: Session
  ) throws {
    if let output {
      try ModelFormat(emit, path: output)
        .write(result.module, to: output, model: loaded.fileName, resources: weights)
    } else if !wantsJSON {
      session.console.print(Printer.print(result.module, resources: weights))
    }
    guard wantsJSON else { return }
    session.console.print(
      JSON.document([
        ("model", .string(loaded.fileName)),
        ("operations", .int(ModelFacts(result.module).operationCount)),
        ("passes", .array(result.passes.map(\.json))), ("output", .optional(output)),
      ]).text())
  }
}
