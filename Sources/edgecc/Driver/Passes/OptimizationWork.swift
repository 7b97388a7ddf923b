import IR

/// The passes that one `opt` runs: a pipeline as it was written, or those on the way to a target.
struct OptimizationWork: Sendable {
  struct Result: Sendable {
    let module: Module
    let log: DiagnosticLog
    let passes: [PassRecorder.Record]
  }

  private enum Passes: Sendable {
    case pipeline(Pipeline, [Constraint], TargetRequest?)
    case compilation(CompileRequest)
  }

  private let passes: Passes
  private let calibration: String?

  /// - Parameter constraints: what passes are told of `target`.
  init(
    _ pipeline: Pipeline, constraints: [Constraint] = [], target: TargetRequest? = nil,
    calibration: String? = nil
  ) {
    passes = .pipeline(pipeline, constraints, target)
    self.calibration = calibration
  }

  init(compilation request: CompileRequest) {
    passes = .compilation(request)
    calibration = request.calibration
  }

  /// - Throws: what passes throw.
  func run(
    _ loaded: LoadedModel, _ settings: PassSettings, _ session: Session
  ) throws -> Result {
    switch passes {
    case .compilation(let request):
      let lowered = try Compiler(session, request, settings).lower(loaded)
      return Result(module: lowered.module, log: lowered.log, passes: lowered.passes)
    case .pipeline(let pipeline, let constraints, let target):
      var context = try context(pipeline, constraints, loaded, session)
      context.log = loaded.log
      let runner = try PassRunner(
        session, settings, target: target?.text, calibration: calibration)
      runner.prepare(&context)
      defer { session.progress.finish() }
      var module = loaded.module
      try runner.run(stage: "", pipeline, on: &module, &context)
      try runner.finish(context, file: loaded.path)
      return Result(module: module, log: context.log, passes: runner.records)
    }
  }

  /// Names the rewrite that changes the results, if one does; exit status 1 then.
  func bisect(
    _ loaded: LoadedModel, _ data: String?, _ session: Session, wantsJSON: Bool
  ) throws -> ExitStatus {
    var (pipeline, constraints) = (Pipeline(), [Constraint]())
    switch passes {
    case .pipeline(let written, let known, _):
      (pipeline, constraints) = (try session.registry.expanded(written), known)
    case .compilation(let request):
      let lowered = try Compiler(session, request).lower(loaded)
      (pipeline, constraints) = (
        Pipeline(lowered.stages.flatMap(\.stage.pipeline.steps)), lowered.backend.constraints
      )
    }
    let context = try context(pipeline, constraints, loaded, session)
    let reader = DataSetReader(loaded.module)
    let samples =
      try data.map { try reader.read($0).samples }
      ?? SyntheticData.samples(reader.interface, count: Bisection.sampleCount)
    let quantizes = pipeline.steps.contains { $0.name == "quantize" }
    let bisection = Bisection(
      registry: session.registry, pipeline: pipeline, module: loaded.module,
      constraints: constraints, calibration: context.calibration, readSamples: context.readSamples,
      samples: Array(samples.prefix(Bisection.sampleCount)),
      limit: Verification.limit(
        quantizes ? .quantize : .optimize, isInteger: Verification.isInteger(loaded.module),
        loaded.module, minimumSQNR: OptimizationWork.minimumSQNR))
    let outcome = try bisection.run(session.progress)
    session.console.print(
      wantsJSON
        ? BisectionReport(outcome: outcome, loaded.fileName).json().text()
        : BisectionReport(outcome: outcome, loaded.fileName).text(session.console))
    if case .clean = outcome { return .success }
    return .finding
  }

  /// What quantisation among the passes must keep, in decibels: `verify`'s default.
  private static let minimumSQNR: Double = 15

  private func context(
    _ pipeline: Pipeline, _ constraints: [Constraint], _ loaded: LoadedModel, _ session: Session
  ) throws -> PassContext {
    let reader = DataSetReader(loaded.module)
    var context = PassContext(constraints: constraints, progress: session.passProgress)
    context.readSamples = { try reader.read($0).samples }
    if try session.registry.expanded(pipeline).wantsSamples(session.registry) {
      let loadedCalibration = try Calibration.load(
        calibration, reader, loaded.module, model: loaded.sha256)
      context.calibration = loadedCalibration.samples
      context.record = loadedCalibration.start
    }
    return context
  }
}
