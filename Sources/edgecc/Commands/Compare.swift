import ArgumentParser
import IR

/// `edgecc compare MODEL --target A --target B --data FILE.npz`
struct Compare: Verb {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compile a model for several targets, run a data set on each, and print one table.",
    discussion: """
      The float model in the interpreter is the first row and what the others are held against. \
      Artifacts stay in the output folder, one folder a target.

      EXAMPLES
        edgecc compare model.onnx --data test.npz --calibration calibration.npz
        edgecc compare model.onnx --target npu --target npu,config=enpu-128 --data test.npz
        edgecc compare model.tflite --target mcu --target cpu --data test.npz --json
      """)

  @Argument(help: "An ONNX, TFLite or text IR file.", completion: .file())
  var model: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A target, repeatable; default: npu, mcu and cpu.", valueName: "name[,key=value…]"))
  var target: [TargetRequest] = []

  @Option(help: ArgumentHelp("The samples to run.", valueName: "file.npz"), completion: .file())
  var data: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Folder of the artifacts; default: NAME-compare.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @OptionGroup(title: "Quantisation and passes") var lowering: LoweringArguments
  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    let targets =
      target.isEmpty ? ["npu", "mcu", "cpu"].compactMap { TargetRequest(parsing: $0) } : target
    for target in targets { _ = try session.backend(target) }
    var request = try importing.request()
    let loaded = try ModelLoader(registry: session.registry).loadForTarget(model, &request)
    let folder = output ?? "\(loaded.module.name)-compare"
    let reference = Deployment.interpreted(loaded)
    let set = try reference.reader(lowering.dataLayout, lowering.preprocessing()).read(data)
    let expected = try await reference.executor.run(set.samples, progress: session.progress)
    var report = ComparisonReport(
      model: loaded.fileName, labels: set.labels, expected: expected, notes: set.notes)
    for target in targets {
      let compiler = Compiler(session, try lowering.request(target))
      var lowered = try compiler.lower(loaded)
      let artifact = try compiler.emit(&lowered)
      let path = FileTree.join(folder, ComparisonReport.folderName(target))
      try ArtifactFolder(path: path).write(artifact, compiler.manifest(lowered, artifact, request))
      let runner = try lowered.backend.makeRunner(folder: path, interface: lowered.module.interface)
      let executor = Executor.runner(runner)
      let results = try await executor.run(set.samples, progress: session.progress)
      session.show(lowered.log)
      report.add(lowered, artifact, path, results, executor.metrics)
    }
    session.console.print(wantsJSON ? report.json().text() : report.text(session.console))
    return .success
  }
}
