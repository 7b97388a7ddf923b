import ArgumentParser
import Frontends
import IR

/// `edgecc run MODEL|ARTIFACT`
struct Run: Verb {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a model or an artifact on one input or on a data set.",
    discussion: """
      A data set's arrays bear the names of the inputs, and count samples by their first \
      dimension; an array 'labels' or 'y' gives the accuracy of the first output.

      EXAMPLES
        edgecc run model.onnx --input image=digit.npy --output-dir out
        edgecc run model.onnx --data test.npz --output logits.npy
        edgecc run teacher.onnx --data train.npz --save-logits soft-targets.npz
        edgecc run model.onnx --data test.npz --target npu --calibration calibration.npz
        edgecc run model-npu --data test.npz
      """)

  @Argument(help: "A model file, or the folder of an artifact.", completion: .file())
  var model: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where to run a model: interpreter, or a target.", valueName: "name[,key=value…]"))
  var target: TargetRequest?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "An input's value; repeatable. The name may be left out where there is one input.",
      valueName: "name=file.npy"), completion: .file())
  var input: [String] = []

  @Option(
    help: ArgumentHelp("Writes each output as NAME.npy there.", valueName: "folder"),
    completion: .directory)
  var outputDir: String?

  @Option(help: ArgumentHelp("Runs every sample.", valueName: "file.npz"), completion: .file())
  var data: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "With --data: the outputs of all samples, stacked; .npz for several outputs.",
      valueName: "file.npy"), completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "With --data: all outputs by name, a row a sample, and the labels where there are any.",
      valueName: "file.npz"), completion: .file(extensions: ["npz"]))
  var saveLogits: String?

  @OptionGroup(title: "Quantisation and passes") var lowering: LoweringArguments
  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func validate() throws {
    if data != nil && !input.isEmpty {
      throw ValidationError("--input gives one sample and --data many: choose one of them")
    }
    if output != nil && data == nil {
      throw ValidationError(
        "--output goes with --data; --output-dir takes the outputs of one sample")
    }
    if let saveLogits {
      if data == nil { throw ValidationError("--save-logits goes with --data") }
      if !saveLogits.hasSuffix(".npz") {
        throw ValidationError("--save-logits writes an archive: name it .npz")
      }
    }
  }

  func run(in session: Session) async throws -> ExitStatus {
    let (deployment, set, notes) = try prepare(session)
    session.show(deployment.log)
    let results = try await deployment.executor.run(set.samples, progress: session.progress)
    var files = try write(results, deployment.interface)
    if let saveLogits {
      try SoftTargets(deployment.interface, results, set.labels).write(to: saveLogits)
      files.append(saveLogits)
    }
    let report = RunReport(
      interface: deployment.interface, results: results, labels: set.labels,
      metrics: deployment.executor.metrics, files: files, notes: notes)
    if wantsJSON {
      session.console.print(report.json(model: model).text())
    } else {
      session.console.print(report.text(session.console))
    }
    return .success
  }

  /// What runs, the samples that it runs on, and what was done to make them fit.
  private func prepare(_ session: Session) throws -> (Deployment, DataSet, [String]) {
    do {
      let deployment = try deploy(session)
      var notes = deployment.assumptions
      let set = try read(deployment.reader(lowering.dataLayout, lowering.preprocessing()), &notes)
      return (deployment, set, notes)
    } catch where Specialiser.isUnsupported(error) && specialises {
      let loader = ModelLoader(registry: session.registry)
      let specialiser = try Specialiser(loader, model, try importing.request())
      let inputs = try specialiser.inputs()
      let reader = DataSetReader(interface: inputs, layout: nil, modelLayout: .nchw)
      var notes = ["the model was imported for the values of its inputs: its structure depends on them"]
      let set = try read(reader, &notes)
      guard let sample = set.samples.first else { throw error }
      return (try Deployment.specialised(specialiser, for: sample, inputs), set, notes)
    }
  }

  /// Whether a model that cannot be imported without its inputs is imported with them: in the
  /// interpreter, as it came, where there are any.
  private var specialises: Bool {
    target?.isInterpreter != false && !lowering.quantizes && lowering.passPipeline == nil
      && lowering.dataLayout == nil && (data != nil || !input.isEmpty)
  }

  private func read(_ reader: DataSetReader, _ notes: inout [String]) throws -> DataSet {
    guard let data else {
      return DataSet(samples: [try NamedInputs(arguments: input).load(reader, &notes)], labels: nil)
    }
    let set = try reader.read(data)
    notes += set.notes
    return set
  }

  private func deploy(_ session: Session) throws -> Deployment {
    if FileTree.isFolder(model) {
      if let target {
        throw Diagnostic.error(
          "an artifact runs on the target that it was made for: leave out --target \(target.text)",
          file: model)
      }
      return try Deployment.artifact(model, session)
    }
    var request = try importing.request()
    let loader = ModelLoader(registry: session.registry)
    if let target, !target.isInterpreter {
      let loaded = try loader.loadForTarget(model, &request)
      return try Deployment.compiled(loaded, request, Compiler(session, try lowering.request(target)))
    }
    if lowering.quantizes {
      // In the interpreter a quantised model is what the CPU would be given.
      let loaded = try loader.loadForTarget(model, &request)
      let cpu = TargetRequest(name: "cpu", options: TargetOptions())
      let compiler = Compiler(session, try lowering.request(cpu))
      return Deployment.interpreted(try compiler.lower(loaded))
    }
    let loaded = try loader.load(model, request)
    return try Deployment.interpreted(loaded, passes: lowering.passPipeline, session)
  }

  /// Returns the paths of the files written.
  private func write(_ results: [[Tensor]], _ interface: Interface) throws -> [String] {
    var written: [String] = []
    if let outputDir {
      try FileTree.makeFolder(outputDir)
      let stacked = data == nil ? results.first ?? [] : try Stacking.columns(results)
      for (port, tensor) in zip(interface.outputs, stacked) {
        let path = FileTree.join(outputDir, Stacking.fileName(port.name) + ".npy")
        try FileTree.write(try NumpyArray.bytes(of: tensor), to: path)
        written.append(path)
      }
    }
    guard let output else { return written }
    let columns = try Stacking.columns(results)
    if output.hasSuffix(".npz") {
      let arrays = zip(interface.outputs, columns).map { (name: $0.name, tensor: $1) }
      try FileTree.write(try NumpyArchive.bytes(of: arrays), to: output)
    } else {
      guard columns.count == 1 else {
        throw Diagnostic.error(
          "the model has \(columns.count) outputs, which one .npy file cannot hold", file: output,
          help: ["name it .npz, or use --output-dir"])
      }
      try FileTree.write(try NumpyArray.bytes(of: columns[0]), to: output)
    }
    return written + [output]
  }
}
