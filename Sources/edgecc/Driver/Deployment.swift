import IR

/// Something that is ready to run: a model in the interpreter, a model compiled for a target, or an
/// artifact.
struct Deployment {
  let interface: Interface
  let modelLayout: DataLayout
  let executor: Executor
  /// What was decided without being told.
  let assumptions: [String]
  let log: DiagnosticLog
  /// Holds the files that the executor runs from.
  private let folder: TemporaryFolder?

  private init(
    _ interface: Interface, _ layout: DataLayout, _ executor: Executor,
    assumptions: [String] = [], log: DiagnosticLog = DiagnosticLog(), folder: TemporaryFolder? = nil
  ) {
    self.interface = interface
    modelLayout = layout
    self.executor = executor
    self.assumptions = assumptions
    self.log = log
    self.folder = folder
  }

  /// The model in the interpreter, as it was imported.
  static func interpreted(_ model: LoadedModel) -> Deployment {
    Deployment(
      model.module.interface, DataLayout.ofModels(model.module.source.format),
      .interpreter(model.module), log: model.log)
  }

  /// The model in the interpreter, after passes where any are named.
  static func interpreted(
    _ model: LoadedModel, passes: String?, _ session: Session
  ) throws -> Deployment {
    guard let passes else { return interpreted(model) }
    let work = OptimizationWork(try Pipeline(parsing: passes))
    let result = try work.run(model, .plain, session)
    return interpreted(model.with(result.module, result.log))
  }

  /// The module that a target would be given, in the interpreter.
  static func interpreted(_ lowered: LoweredModel) -> Deployment {
    Deployment(
      lowered.module.interface, DataLayout.ofModels(lowered.module.source.format),
      .interpreter(lowered.module), assumptions: lowered.assumptions, log: lowered.log)
  }

  /// The model in the interpreter, imported for the values of each sample.
  static func specialised(
    _ specialiser: Specialiser, for sample: [Tensor], _ inputs: Interface
  ) throws -> Deployment {
    let first = try specialiser.specialised(for: sample.map { .tensor($0) })
    let module = first.model.module
    let interface = Interface(
      name: module.name, inputs: inputs.inputs, outputs: module.interface.outputs)
    return Deployment(
      interface, DataLayout.ofModels(module.source.format), .specialiser(specialiser, first),
      log: first.model.log)
  }

  /// The model compiled into a temporary folder.
  static func compiled(
    _ model: LoadedModel, _ imported: ImportRequest, _ compiler: Compiler
  ) throws -> Deployment {
    var lowered = try compiler.lower(model)
    return try compiled(&lowered, imported, compiler)
  }

  /// The artifact of a module that was lowered, in a temporary folder.
  static func compiled(
    _ lowered: inout LoweredModel, _ imported: ImportRequest, _ compiler: Compiler
  ) throws -> Deployment {
    let artifact = try compiler.emit(&lowered)
    let folder = try TemporaryFolder()
    let path = FileTree.join(folder.path, lowered.module.name)
    try ArtifactFolder(path: path).write(artifact, compiler.manifest(lowered, artifact, imported))
    let interface = lowered.module.interface
    let runner = try lowered.backend.makeRunner(folder: path, interface: interface)
    return Deployment(
      interface, DataLayout.ofModels(lowered.module.source.format), .runner(runner),
      assumptions: lowered.assumptions, log: lowered.log, folder: folder)
  }

  /// The artifact in `path`.
  static func artifact(_ path: String, _ session: Session) throws -> Deployment {
    let manifest = try Manifest(folder: path)
    try manifest.check(folder: path)
    let request = TargetRequest(
      name: manifest.target.name, options: TargetOptions(manifest.target.options))
    let interface = try manifest.interface()
    let backend: any Backend
    do {
      backend = try session.backend(request)
    } catch var diagnostic as Diagnostic {
      for plugin in manifest.plugins ?? []
      where !session.plugins.contains(where: { $0.identity.name == plugin.name }) {
        diagnostic.notes.append(
          "the artifact was made with plugin '\(plugin.name)' \(plugin.version), which is not loaded")
      }
      throw diagnostic
    }
    let runner = try backend.makeRunner(folder: path, interface: interface)
    return Deployment(interface, DataLayout.ofModels(manifest.model.format), .runner(runner))
  }

  /// Reads data for this deployment.
  func reader(
    _ layout: DataLayout?, _ preprocessing: Preprocessing = Preprocessing()
  ) -> DataSetReader {
    DataSetReader(
      interface: interface, layout: layout, modelLayout: modelLayout, preprocessing: preprocessing)
  }
}
