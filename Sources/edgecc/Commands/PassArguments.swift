import ArgumentParser
import IR

/// How passes are watched.
struct PassArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Print the IR before this pass. Repeatable.", valueName: "pass"))
  var printIrBefore: [String] = []
  @Option(help: ArgumentHelp("Print the IR after this pass. Repeatable.", valueName: "pass"))
  var printIrAfter: [String] = []
  @Flag(help: "Print the IR before each pass.")
  var printIrBeforeAll: Bool = false
  @Flag(help: "Print the IR after each pass, on standard error.")
  var printIrAfterAll: Bool = false
  @Flag(help: "Print the IR after each pass that changed it.")
  var printIrAfterChange: Bool = false
  @Flag(help: "Print the IR as a pass left it that failed.")
  var printIrAfterFailure: Bool = false
  @Option(
    help: ArgumentHelp("Print into files there instead, one per pass.", valueName: "folder"),
    completion: .directory)
  var printIrTreeDir: String?

  @Flag(help: "Tell how long each pass took, on standard error.")
  var timing: Bool = false
  @Flag(inversion: .prefixedNo, help: "Verify the module after each pass.")
  var verifyEach: Bool = true
  @Option(
    help: ArgumentHelp(
      "Make this many rewrites and no more, to find the one that does harm.", valueName: "count"))
  var stopAfterRewrite: Int?
  @Option(
    help: ArgumentHelp(
      "Keep the module before the pass at work there, in case edgecc crashes.",
      valueName: "file.eir"), completion: .file(extensions: ["eir"]))
  var crashReproducer: String?

  @Option(
    name: .customLong("Rpass", withSingleDash: true),
    help: ArgumentHelp("Tell which rewrites were made.", valueName: "regex"))
  var remarksPassed: String?
  @Option(
    name: .customLong("Rpass-missed", withSingleDash: true),
    help: ArgumentHelp("Tell which rewrites nearly were, and why not.", valueName: "regex"))
  var remarksMissed: String?
  @Option(
    name: .customLong("Rpass-analysis", withSingleDash: true),
    help: ArgumentHelp("Tell what passes found out.", valueName: "regex"))
  var remarksAnalysis: String?
  @Option(
    help: ArgumentHelp("Write all remarks there.", valueName: "file.json|file.yaml"),
    completion: .file(extensions: ["json", "yaml"]))
  var remarksOutput: String?

  /// - Throws: a `Diagnostic` for a pass that `registry` lacks, and for what cannot be understood.
  func settings(_ registry: Registry) throws -> PassSettings {
    for name in printIrBefore + printIrAfter {
      _ = try registry.expanded(Pipeline([Pipeline.Step(name)]))
    }
    if let stopAfterRewrite, stopAfterRewrite < 0 {
      throw Diagnostic.error("--stop-after-rewrite \(stopAfterRewrite): a count is at least 0")
    }
    var settings = PassSettings()
    settings.printing = try printing()
    settings.verifiesEach = verifyEach
    settings.tellsTime = timing
    settings.rewriteLimit = stopAfterRewrite
    settings.reproducer = crashReproducer
    settings.remarksFile = remarksOutput
    try settings.remarks.show(.passed, remarksPassed)
    try settings.remarks.show(.missed, remarksMissed)
    try settings.remarks.show(.analysis, remarksAnalysis)
    return settings
  }

  private func printing() throws -> IRPrintSettings {
    var settings = IRPrintSettings()
    settings.before = Set(printIrBefore)
    settings.after = Set(printIrAfter)
    settings.beforeAll = printIrBeforeAll
    settings.afterAll = printIrAfterAll
    settings.afterChange = printIrAfterChange
    settings.afterFailure = printIrAfterFailure
    settings.folder = printIrTreeDir
    // A folder alone asks for all there is to see.
    if printIrTreeDir != nil && settings.isSilent { settings.afterChange = true }
    return settings
  }
}
