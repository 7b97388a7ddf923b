import ArgumentParser
import IR

/// `edgecc verify MODEL --target T`
struct Verify: Verb {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare the model with every stage of its compilation, and with the artifact.",
    discussion: """
      The imported model in the interpreter is the reference. Integer models must agree to the \
      bit, float passes to rounding, quantisation to --min-sqnr. The first stage that diverges is \
      named, and in it the first node; exit status 1.

      EXAMPLES
        edgecc verify model.onnx --target npu --data test.npz --calibration calibration.npz
        edgecc verify model.tflite --target mcu
      """)

  @Argument(help: "An ONNX, TFLite or text IR file.", completion: .file())
  var model: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The target.", valueName: "name[,key=value…]"))
  var target: TargetRequest

  @Option(
    help: ArgumentHelp(
      "Samples to compare on; synthetic where none are given.", valueName: "file.npz"),
    completion: .file())
  var data: String?

  @Option(help: ArgumentHelp("Samples to take from the data.", valueName: "count"))
  var samples: Int = 64

  @Option(help: ArgumentHelp("What quantisation must keep.", valueName: "decibels"))
  var minSqnr: Double = 15

  @OptionGroup(title: "Quantisation and passes") var lowering: LoweringArguments
  @OptionGroup(title: "Import") var importing: ImportArguments
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func validate() throws {
    if samples < 1 { throw ValidationError("--samples is at least 1") }
  }

  func run(in session: Session) async throws -> ExitStatus {
    var request = try importing.request()
    let compiler = Compiler(session, try lowering.request(target))
    let loaded = try ModelLoader(registry: session.registry).loadForTarget(model, &request)
    let reader = compiler.reader(loaded.module)
    var notes: [String] = []
    let set: DataSet
    if let data {
      set = try reader.read(data)
    } else {
      set = DataSet(samples: try SyntheticData.samples(reader.interface, count: min(samples, 16)))
      notes.append(
        "compared on synthetic data, which says nothing about accuracy: give --data FILE.npz")
    }
    var lowered = try compiler.lower(loaded)
    let verification = Verification(session: session, compiler: compiler, minimumSQNR: minSqnr)
    let used = Array(set.samples.prefix(samples))
    let stages = try await verification.run(loaded, request, used, &lowered)
    session.show(lowered.log)
    let report = VerificationReport(
      model: loaded.fileName, target: target.text, sampleCount: used.count, stages: stages,
      notes: notes + set.notes + lowered.assumptions)
    session.console.print(wantsJSON ? report.json().text() : report.text(session.console))
    return report.passed ? .success : .finding
  }
}
