import ArgumentParser
import IR
import Passes

/// `edgecc diff A B`
struct Diff: Verb {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two models: operations, attributes, weights, quantisation and cost.",
    discussion: """
      Operations are matched by what they compute and by their place in the graph, so names may \
      differ. Two models of different formats, or a float and a quantised one, are compared after \
      the standard passes. Two artifacts are compared by their manifests. Exit status 0 if the models are the same, 1 if they differ.

      EXAMPLES
        edgecc diff old.onnx new.onnx
        edgecc diff model.onnx model.tflite --run
        edgecc diff float.onnx int8.onnx --json
        edgecc diff model-mcu build/model-mcu
      """)

  @Argument(help: "An ONNX, TFLite or text IR file, or an artifact's folder.", completion: .file())
  var before: String

  @Argument(help: "What it is compared with.", completion: .file())
  var after: String

  @Flag(
    name: .customLong("run"),
    help: "Run both on seeded inputs, too, and compare the results.")
  var runsBoth: Bool = false

  @Option(help: "Seed of the inputs of --run.")
  var seed: UInt64 = 1

  @Flag(
    inversion: .prefixedNo,
    help: "Run the standard passes first; default: where formats or numbers differ.")
  var passes: Bool?

  @Option(
    help: ArgumentHelp(
      "Weights that change by no more than this part of their largest magnitude are the same.",
      valueName: "fraction"))
  var tolerance: Double = 0

  @Flag(help: "Show every difference, however many there are.")
  var all: Bool = false

  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  /// Samples of `--run`.
  private static let samples: Int = 8

  func run(in session: Session) async throws -> ExitStatus {
    if FileTree.isFolder(before) && FileTree.isFolder(after) {
      let manifests = try [before, after].map { folder in
        let manifest = try Manifest(folder: folder)
        try manifest.check(folder: folder)
        return manifest
      }
      let artifacts = ArtifactDiff(manifests[0], manifests[1])
      session.console.print(wantsJSON ? artifacts.json().text() : artifacts.text(session.console))
      return artifacts.isSame ? .success : .finding
    }
    let request = try importing.request()
    let loader = ModelLoader(registry: session.registry)
    let first = try loader.load(before, request)
    let second = try loader.load(after, request)
    let (old, new) = (first.module, second.module)
    let differs = old.source.format != new.source.format || old.isQuantized != new.isQuantized
    let isText = old.source.format.isEmpty || new.source.format.isEmpty
    let prepares = passes ?? (differs && !(isText && old.isQuantized == new.isQuantized))
    let models = try prepares
      ? (prepare(first, session), prepare(second, session)) : (first, second)
    let report = DiffReport(
      before: models.0, after: models.1,
      diff: ModelDiff(models.0.module, models.1.module, tolerance: tolerance),
      pipeline: prepares ? standardPipeline : "", isAsked: passes != nil,
      run: runsBoth ? results(first.module.main, second.module.main) : nil, showsAll: all)
    session.console.print(wantsJSON ? report.json().text() : report.text(session.console))
    return report.diff.isSame ? .success : .finding
  }

  private func prepare(_ model: LoadedModel, _ session: Session) throws -> LoadedModel {
    var module = model.module
    var context = PassContext()
    context.log = model.log
    let pipeline = try Pipeline(parsing: standardPipeline)
    try PassManager(session.registry).run(pipeline, on: &module, &context)
    return model.with(module, context.log)
  }

  private func results(_ before: Function, _ after: Function) -> DiffReport.Run {
    do {
      let fidelity = try PairedRun(before, after, seed: seed).compare(samples: Diff.samples)
      return DiffReport.Run(samples: Diff.samples, seed: seed, fidelity: fidelity, reason: "")
    } catch {
      let reason = (error as? Diagnostic)?.message ?? "\(error)"
      return DiffReport.Run(samples: 0, seed: seed, fidelity: nil, reason: reason)
    }
  }
}
