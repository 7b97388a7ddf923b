import IR
import Passes

/// A model made ready for a target: every stage on the way is kept, so that it can be looked at.
struct LoweredModel: Sendable {
  let model: LoadedModel
  let target: TargetRequest
  let backend: any Backend
  /// The module after each stage of the pipeline, in order, with the passes that led to it.
  let stages: [(stage: PipelinePlan.Stage, module: Module)]
  /// The module after the last stage, which the target is given.
  var module: Module
  /// How it was quantised; nil where it came so, or stays float.
  let recipe: Recipe?
  let calibration: Calibration
  let pipeline: String
  let support: SupportCheck
  var log: DiagnosticLog
  /// What was decided without being told.
  var assumptions: [String]
  /// The passes that ran.
  let passes: [PassRecorder.Record]
  /// What pruning came to; nil where there was none.
  let pruned: PruneStage.Outcome?
}

/// From a model to an artifact.
struct Compiler: Sendable {
  let session: Session
  let request: CompileRequest
  private let settings: PassSettings
  /// Samples that were read before; nil where the request tells what to read.
  private let given: Calibration?

  init(
    _ session: Session, _ request: CompileRequest, _ settings: PassSettings = .plain,
    calibration: Calibration? = nil
  ) {
    self.session = session
    self.request = request
    self.settings = settings
    given = calibration
  }

  /// Runs the target's passes and checks what the target thinks of the result. Throws what passes
  /// throw; violations are in the result.
  func lower(_ model: LoadedModel) throws -> LoweredModel {
    let backend = try session.backend(request.target)
    var assumptions = model.assumptions
    var log = model.log
    var module = try request.states.apply(
      to: model.module, target: request.target.name, file: model.path, &assumptions)
    let recipe = decideQuantization(module, backend, &assumptions, &log)
    var pruning = request.prune.map {
      PruneStage(
        request: $0, session: session, target: request.target, backend: backend,
        hasSamples: request.calibration != nil)
    }
    var plan =
      try request.pipeline.map {
        try PipelinePlan(replacement: $0, recipe: recipe, session.registry)
      } ?? PipelinePlan(
        target: backend.pipeline, prunes: pruning?.pipeline(), recipe: recipe,
        isDraft: request.isDraft)
    pruning?.following = plan.pipelines(after: .prune)
    plan.stop(after: request.lastStage)
    var calibration = Calibration.none
    if plan.wantsSamples(session.registry) { calibration = try calibrate(model, module, &assumptions) }
    var context = PassContext(
      constraints: backend.constraints, calibration: calibration.samples,
      progress: session.passProgress)
    context.record = calibration.start
    let reader = reader(module)
    context.readSamples = { try reader.read($0).samples }
    context.log = log
    let runner = try PassRunner(
      session, settings, target: request.target.text, calibration: request.calibration)
    runner.prepare(&context)
    defer { session.progress.finish() }
    var stages: [(stage: PipelinePlan.Stage, module: Module)] = []
    var pruned: PruneStage.Outcome?
    for index in plan.stages.indices {
      let (before, isPruning) = (module, plan.stages[index].name == .prune)
      if let pruning, isPruning {
        try plan.replace(index, with: pruning.pipeline(for: module, context))
        pruning.warn(&context.log)
      }
      let stage = plan.stages[index]
      try runner.run(stage: stage.name.rawValue, stage.pipeline, on: &module, &context)
      stages.append((stage, module))
      if let pruning, isPruning {
        let outcome = try pruning.check(before, module, context)
        pruning.warn(outcome, &context.log)
        pruned = outcome
      }
    }
    if let pruning, let pruned { assumptions.append(pruning.summary(pruned)) }
    try runner.finish(context, file: model.path)
    try save(context.record, calibration, model)
    return LoweredModel(
      model: model, target: request.target, backend: backend, stages: stages, module: module,
      recipe: plan.quantizes ? recipe : nil, calibration: calibration, pipeline: plan.text,
      support: SupportCheck(module, backend, name: request.target.name), log: context.log,
      assumptions: assumptions, passes: runner.records, pruned: pruned)
  }

  /// How to quantise; nil for not at all.
  private func decideQuantization(
    _ module: Module, _ backend: any Backend, _ assumptions: inout [String],
    _ log: inout DiagnosticLog
  ) -> Recipe? {
    guard var recipe = request.recipe ?? request.quantize.map({ Recipe($0.precision ?? .float32) })
    else {
      guard backend.prefersInt8 && module.isFloat else { return nil }
      assumptions.append(
        "quantised to int8, which is what \(request.target.name) is for "
          + "(--quantize none keeps float)"
      )
      return Recipe(output: request.output)
    }
    recipe.output = request.output ?? recipe.output
    guard recipe.precisions != [.float32] else { return nil }
    if !module.isFloat {
      let option = request.recipe == nil ? "--quantize \(recipe.precision.rawValue)" : "--recipe"
      log.append(
        .warning("\(option) changes nothing: the model does not compute in floating point"))
      return nil
    }
    return recipe
  }

  private func calibrate(
    _ model: LoadedModel, _ module: Module, _ assumptions: inout [String]
  ) throws -> Calibration {
    let calibration =
      try given
      ?? Calibration.load(request.calibration, reader(module), module, model: model.sha256)
    if calibration.kind == .synthetic {
      assumptions.append(
        "calibrated with \(calibration.samples.count) samples of synthetic data: ranges, and so "
          + "accuracy, are no basis for shipping; give real inputs with --calibration FILE.npz")
    }
    if calibration.kind == .saved && request.prune != nil {
      throw Diagnostic.error(
        "pruning fits layers anew, which takes samples; a saved calibration has none",
        file: request.calibration, help: ["give the samples with --calibration FILE.npz"])
    }
    assumptions += calibration.notes
    return calibration
  }

  /// Writes what was taken from the samples, where it was asked for.
  private func save(
    _ record: CalibrationRecord, _ calibration: Calibration, _ model: LoadedModel
  ) throws {
    guard let path = request.savesCalibration, !request.isDraft else { return }
    guard !record.ranges.isEmpty else {
      throw Diagnostic.error(
        "nothing was calibrated, so there is nothing to save", file: path,
        help: ["quantise: --quantize int8"])
    }
    let saved = SavedCalibration(
      model: model.fileName, modelDigest: model.sha256, count: calibration.count,
      samplesDigest: calibration.digest, record: record)
    try FileTree.write(saved.text, to: path)
  }

  /// Reads data for `module` as the request lays it out.
  func reader(_ module: Module) -> DataSetReader {
    DataSetReader(module, layout: request.layout, preprocessing: request.preprocessing)
  }

  /// Emits the artifact of `lowered`.
  ///
  /// - Throws: `Diagnostics`, one per operation that does not fit, where nothing else takes them.
  func emit(_ lowered: inout LoweredModel) throws -> Artifact {
    let fatal =
      !lowered.backend.hasFallback
      ? lowered.support.violations
      : request.allowsFallback ? lowered.support.homeless : lowered.support.beyondBorder
    if !fatal.isEmpty {
      throw Diagnostics(lowered.support.diagnostics(fatal, file: lowered.model.path))
    }
    if let unknown = lowered.module.firstUnknownShape {
      throw Diagnostic.unsupported(
        "\(request.target.name): every shape is known before the model runs; \(unknown)",
        file: lowered.model.path, help: ["bind dimensions with --dim or --shape"])
    }
    let artifact = try lowered.backend.emit(lowered.module, &lowered.log)
    try lowered.log.throwIfErrors()
    return artifact
  }

  /// The manifest of `artifact`.
  func manifest(
    _ lowered: LoweredModel, _ artifact: Artifact, _ imported: ImportRequest
  ) -> Manifest {
    let module = lowered.module
    let interface = module.interface
    return Manifest(
      edgeccVersion: IR.Edgecc.version, name: module.name,
      target: Manifest.Target(name: lowered.target.name, options: lowered.target.options.values),
      model: Manifest.Model(
        file: lowered.model.fileName, format: module.source.format,
        producer: module.source.producer, sha256: lowered.model.sha256),
      options: Manifest.Options(
        quantize: lowered.recipe?.text ?? "none",
        dimensions: imported.options.dimensions,
        shapes: imported.options.shapes.mapValues(\.dimensions),
        fallback: request.allowsFallback),
      pipeline: lowered.pipeline,
      plugins: session.plugins.isEmpty
        ? nil
        : session.plugins.map { plugin in
          Manifest.Plugin(
            name: plugin.identity.name, version: plugin.identity.version, sha256: plugin.sha256)
        },
      calibration: lowered.calibration.record,
      inputs: interface.inputs.map { Manifest.Port($0) },
      outputs: interface.outputs.map { Manifest.Port($0) },
      files: artifact.files.sorted { $0.path < $1.path }.map { file in
        Manifest.File(
          path: file.path, bytes: file.contents.count, sha256: Digest.hex(of: file.contents))
      })
  }
}
