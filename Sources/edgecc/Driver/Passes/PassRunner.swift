import IR
import Synchronization

/// Runs the pipelines of one command as its options ask: watched, limited, with remarks, and with a
/// reproducer where edgecc itself goes wrong.
struct PassRunner: Sendable {
  private let session: Session
  private let settings: PassSettings
  private let target: String?
  private let calibration: String?
  private let printer: IRPrinter
  private let recorder = PassRecorder()
  private let failures = FailureRecorder()
  private let manager: PassManager

  /// - Parameter target: whose constraints passes are given; named in reproducers.
  /// - Throws: a `Diagnostic` where the reproducer cannot be written.
  init(
    _ session: Session, _ settings: PassSettings, target: String? = nil, calibration: String? = nil
  ) throws {
    self.session = session
    self.settings = settings
    self.target = target
    self.calibration = calibration
    printer = IRPrinter(settings.printing, session.console)
    var manager = PassManager(session.registry)
    manager.verifiesEach = settings.verifiesEach
    manager.instrumentation = [recorder, failures]
    if !settings.printing.isSilent { manager.instrumentation.append(printer) }
    if let path = settings.reproducer {
      try FileTree.write("", to: path)
      manager.instrumentation.append(
        ReproducerKeeper(path: path, target: target, calibration: calibration))
    }
    self.manager = manager
  }

  var records: [PassRecorder.Record] { recorder.records }

  /// Gives `context` what the options ask for; before the first pass.
  func prepare(_ context: inout PassContext) {
    context.rewrites = RewriteCounter(limit: settings.rewriteLimit)
    context.collectsRemarks = !settings.remarks.isEmpty || settings.remarksFile != nil
  }

  /// - Parameter stage: `optimize`, `quantize`, `lower`; empty where there is but one.
  /// - Throws: what passes throw; an internal error tells where the reproducer is.
  func run(
    stage: String, _ pipeline: Pipeline, on module: inout Module, _ context: inout PassContext
  ) throws {
    printer.begin(stage: stage)
    failures.begin()
    let before = (module: module, context: context)
    do {
      try manager.run(pipeline, on: &module, &context)
    } catch let diagnostic as Diagnostic where diagnostic.category == .internal {
      throw reproduced(diagnostic, pipeline, before.module, before.context)
    } catch {
      if let path = settings.reproducer { FileTree.remove(path) }
      throw error
    }
  }

  /// Shows and writes what was asked for, after the last pass. The results are good: the reproducer
  /// goes.
  ///
  /// - Throws: a `Diagnostic` where a file cannot be written.
  func finish(_ context: PassContext, file: String) throws {
    if let path = settings.reproducer { FileTree.remove(path) }
    try printer.finish()
    if settings.tellsTime { session.console.note(recorder.table(session.console)) }
    for remark in settings.remarks.shown(context.remarks) {
      session.console.note(session.renderer.text(remark.diagnostic.inFile(file)))
    }
    if let path = settings.remarksFile {
      try FileTree.write(RemarkFile.text(context.remarks, path: path), to: path)
    }
    if let limit = settings.rewriteLimit { tellLast(limit, context.rewrites) }
  }

  private func tellLast(_ limit: Int, _ rewrites: RewriteCounter) {
    let last = rewrites.last.map { ": \($0.text)" } ?? ""
    let text =
      rewrites.isExhausted
      ? "stopped after rewrite \(limit)\(last)"
      : "all \(Format.count(rewrites.count, "rewrite")) were made, which is less than \(limit)"
    session.console.note(text + "\n")
  }

  /// `diagnostic` with the way to make it happen again. Passes before the one that failed are run
  /// once more to get at the module that it was given.
  private func reproduced(
    _ diagnostic: Diagnostic, _ pipeline: Pipeline, _ module: Module, _ context: PassContext
  ) -> Diagnostic {
    var diagnostic = diagnostic
    guard let (index, step) = failures.last else { return diagnostic }
    var path = settings.reproducer
    if path == nil, let steps = try? session.registry.expanded(pipeline).steps {
      var (module, context) = (module, context)
      let good = Pipeline(Array(steps.prefix(index)))
      let temporary = Reproducer.temporaryPath(module)
      let reproducer = Reproducer(Pipeline([step]), target: target, calibration: calibration)
      let written: Void? = try? {
        try PassManager(session.registry).run(good, on: &module, &context)
        try FileTree.write(reproducer.text(module), to: temporary)
      }()
      if written != nil { path = temporary }
    }
    guard let path else { return diagnostic }
    diagnostic.notes.append("the module before pass '\(step.text)' is in \(path)")
    diagnostic.help.append("see it again with: edgecc opt \(path) --run-reproducer")
    return diagnostic
  }
}

/// Knows which step of a pipeline failed.
private final class FailureRecorder: PassInstrumentation {
  private struct State {
    var done: Int = 0
    var failed: (Int, Pipeline.Step)?
  }
  private let state = Mutex(State())

  /// The failed step and its place in the pipeline that ran last.
  var last: (index: Int, step: Pipeline.Step)? { state.withLock { $0.failed } }

  func begin() { state.withLock { $0 = State() } }
  func didRun(_ step: Pipeline.Step, on module: Module, changed: Bool) {
    state.withLock { $0.done += 1 }
  }
  func didFail(_ step: Pipeline.Step, on module: Module, _ error: any Error) {
    state.withLock { $0.failed = ($0.done, step) }
  }
}
