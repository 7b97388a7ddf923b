import ArgumentParser
import IR

/// `edgecc MODEL --target T`
struct Compile: Verb {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Compile a model into an artifact; the verb may be left out.",
    discussion: """
      EXAMPLES
        edgecc model.onnx --target npu
        edgecc model.onnx --target npu --calibration images.npz -o build
        edgecc compile model.tflite --target mcu,core=cortex-m7 --json
        edgecc model.onnx --target cpu --dim batch=1
        edgecc model.onnx --target npu --prune 0.3 --calibration images.npz
        edgecc model.onnx --target npu --prune-budget cycles=40K
        edgecc model.onnx -t cpu --prune 0.5 --compile-to prune -o pruned.onnx
        edgecc model.onnx --target mcu --calibration images.npz --data labelled.npz \
          --min-accuracy 0.97 --save-recipe recipe.yaml
        edgecc model.onnx --target npu --compile-to optimize -o optimized.eir
        edgecc model.onnx --target npu --save-temps -Rpass-missed=fuse
      """)

  @Argument(help: "An ONNX, TFLite or text IR file.", completion: .file())
  var model: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where it is to run; 'edgecc targets' lists them.", valueName: "name[,key=value…]"))
  var target: TargetRequest

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The artifact's folder, or with --compile-to a file; default: NAME-TARGET, NAME.STAGE.eir.",
      valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp("Samples to compare with the float model on.", valueName: "file.npz"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Find the cheapest precision per operation that answers this share of --data rightly: 0.97.",
      valueName: "share"))
  var minAccuracy: String?

  @Option(
    help: ArgumentHelp(
      "Write how the model was quantised, for --recipe.", valueName: "recipe.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var saveRecipe: String?

  @Option(
    help: ArgumentHelp(
      "Stop after import, optimize, quantize or lower and write the IR.", valueName: "stage"))
  var compileTo: CompileStage?

  @Option(
    help: ArgumentHelp(
      "With --compile-to: ir, onnx or tflite; default: what the output's name says, else ir.",
      valueName: "format"))
  var emit: ModelFormat?

  @Flag(help: "Keep the IR after each stage in a folder beside the artifact: NAME-TARGET-temps.")
  var saveTemps: Bool = false

  @OptionGroup(title: "Quantisation and passes") var lowering: LoweringArguments
  @OptionGroup(title: "Watching passes") var passes: PassArguments
  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func validate() throws {
    if emit != nil && compileTo == nil { throw ValidationError("--emit goes with --compile-to") }
    guard minAccuracy != nil else { return }
    if lowering.passPipeline != nil {
      throw ValidationError("--min-accuracy chooses how to quantise: leave out --pass-pipeline")
    }
    if lowering.quantize == CompileRequest.Quantize.none {
      throw ValidationError("--min-accuracy chooses how to quantise: leave out --quantize none")
    }
  }

  func run(in session: Session) async throws -> ExitStatus {
    if target.isInterpreter {
      throw Diagnostic.error(
        "the interpreter needs no compilation", help: ["edgecc run \(model) --target interpreter"])
    }
    var request = try importing.request()
    var compilation = try lowering.request(target)
    compilation.lastStage = compileTo ?? .lower
    // Refused before the work rather than after it.
    _ = try session.backend(target)
    let settings = try passes.settings(session.registry)
    let loaded = try ModelLoader(registry: session.registry).loadForTarget(model, &request)
    let found = try await search(loaded, compilation, session)
    if let found {
      compilation.recipe = found.outcome.best.recipe
      guard found.outcome.isMet else { return tell(found, session) }
    }
    let compiler = Compiler(session, compilation, settings)
    var lowered = try compiler.lower(loaded)
    if let saveRecipe { try FileTree.write(RecipeFile.text(lowered.recipe), to: saveRecipe) }
    if saveTemps { try writeStages(lowered) }
    if let compileTo { return try writeText(lowered, compileTo, session) }
    let artifact = try compiler.emit(&lowered)
    let manifest = compiler.manifest(lowered, artifact, request)
    let folder = folder(lowered)
    try ArtifactFolder(path: folder).write(artifact, manifest)
    let (fidelity, measuredOn) = try await measure(lowered, compiler, session)
    session.show(lowered.log)
    let report = CompileReport(
      lowered: lowered, artifact: artifact, folder: folder, manifest: manifest,
      fidelity: fidelity, fidelityData: measuredOn, precision: found)
    session.console.print(wantsJSON ? report.json().text() : report.text(session.console))
    return .success
  }

  /// What `--min-accuracy` finds; nil where it is not asked for.
  private func search(
    _ model: LoadedModel, _ request: CompileRequest, _ session: Session
  ) async throws -> PrecisionReport? {
    guard let minAccuracy else { return nil }
    let reader = Compiler(session, request).reader(model.module)
    let goal = try AccuracyGoal(minAccuracy, data: data, reader)
    let search = PrecisionSearch(session: session, request: request, goal: goal)
    return PrecisionReport(outcome: try await search.run(model), model: model.fileName)
  }

  /// Says how far the search came; nothing is written.
  private func tell(_ found: PrecisionReport, _ session: Session) -> ExitStatus {
    let text =
      wantsJSON
      ? JSON.document([("model", .string(found.model)), ("precision_search", found.json())]).text()
      : found.text(session.console) + "\nnothing was written: --min-accuracy is not reached\n"
    session.console.print(text)
    return .finding
  }

  private func folder(_ lowered: LoweredModel) -> String {
    output ?? "\(lowered.module.name)-\(target.name)"
  }

  /// The module as imported and after each stage, numbered, beside the artifact.
  private func writeStages(_ lowered: LoweredModel) throws {
    let folder = folder(lowered) + "-temps"
    try FileTree.makeFolder(folder)
    let modules = [(CompileStage.import, lowered.model.module)]
      + lowered.stages.map { ($0.stage.name, $0.module) }
    for (index, (stage, module)) in modules.enumerated() {
      let path = FileTree.join(folder, "\(index)-\(stage.rawValue).eir")
      try FileTree.write(Printer.print(module), to: path)
    }
  }

  private func writeText(
    _ lowered: LoweredModel, _ stage: CompileStage, _ session: Session
  ) throws -> ExitStatus {
    let format = ModelFormat(emit, path: output)
    let path = output ?? "\(lowered.module.name).\(stage.rawValue).\(format.suffix)"
    try format.write(lowered.module, to: path, model: lowered.model.fileName)
    session.show(lowered.log)
    let count = ModelFacts(lowered.module).operationCount
    session.console.print(
      wantsJSON
        ? JSON.document([
          ("model", .string(lowered.model.fileName)), ("stage", .string(stage.rawValue)),
          ("operations", .int(count)), ("output", .string(path)),
        ]).text() : "\(path): \(Format.count(count, "operation")) after \(stage.rawValue)\n")
    return .success
  }

  /// What the passes did to the results, in the interpreter: on `--data`, else on real calibration
  /// data, else not at all.
  private func measure(
    _ lowered: LoweredModel, _ compiler: Compiler, _ session: Session
  ) async throws -> (Fidelity?, String) {
    let samples: [[Tensor]]
    let title: String
    if let data {
      samples = try compiler.reader(lowered.module).read(data).samples
      title = Format.count(samples.count, "sample")
    } else if lowered.calibration.kind == .data {
      samples = Array(lowered.calibration.samples.prefix(Compile.sampleCount(lowered)))
      title = "\(samples.count) of the calibration samples"
    } else {
      return (nil, "")
    }
    let reference = try await Executor.interpreter(lowered.model.module)
      .run(samples, progress: session.progress)
    let results = try await Executor.interpreter(lowered.module)
      .run(samples, progress: session.progress)
    return (Fidelity(results, reference: reference), title)
  }

  /// So many calibration samples are enough for a figure, and quick: fewer of large models.
  private static func sampleCount(_ lowered: LoweredModel) -> Int {
    let macs = max(ModelFacts(lowered.model.module).macs, 1)
    return min(64, max(16, Compile.affordableMacs / macs))
  }

  private static let affordableMacs: Int = 5_000_000_000
}
