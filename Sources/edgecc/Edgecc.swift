import ArgumentParser
import Backends
import Frontends
import IR
import Passes

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The command line: it parses, calls and prints.
@main
struct Edgecc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edgecc",
    abstract: "Takes a trained model to the device.",
    usage: """
      edgecc <model> --target <name[,key=value…]> [<options>]
      edgecc <verb> …
      """,
    discussion: """
      EXAMPLES
        edgecc model.onnx --target npu
        edgecc model.tflite --target mcu -o firmware
        edgecc run model.onnx --data test.npz
        edgecc check model.onnx --target npu

      EXIT STATUS
        0  clean
        1  a finding: something unsupported, over budget, or a mismatch
        2  bad usage or bad input
        70 a fault of edgecc itself
      """,
    version: "edgecc \(IR.Edgecc.version)",
    subcommands: [
      Compile.self, Check.self, Run.self, Conformance.self, Verify.self, Compare.self, Inspect.self,
      Opt.self, Test.self, Diff.self, Targets.self, ListPasses.self, ListOperations.self,
      Plugins.self, TestPlugin.self,
    ],
    defaultSubcommand: Compile.self)

  /// Set to 1, lets this build know a pass that goes wrong on purpose; for tests alone.
  static let plantedFaults: String = "EDGECC_TEST_FAULTS"

  /// Everything that this build knows.
  static func makeRegistry() -> Registry {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    for frontend in builtinFrontends { registry.register(frontend: frontend) }
    for backend in builtinBackends { registry.register(backend: backend) }
    if ProcessInfo.processInfo.environment[plantedFaults] == "1" {
      registry.register(pass: PlantedFault.self)
    }
    for (name, passes) in builtinPipelines { registry.register(pipeline: name, passes) }
    return registry
  }

  static func main() async {
    // A reader that goes away must not cut an artifact in half: writes fail, work is finished.
    ExitStatus.ignoreBrokenPipes()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let environment = ProcessInfo.processInfo.environment
    let plain = Console(.auto, quiet: false, environment: environment)
    if arguments.isEmpty {
      plain.note(helpMessage() + "\n")
      ExitStatus.usage.end()
    }
    // First of all: what the arguments name may be a plugin's.
    var loader = PluginLoader(makeRegistry())
    do {
      try loader.load(PluginArguments.paths(arguments, environment))
    } catch {
      ErrorReport(plain, wantsJSON: arguments.contains("--json")).show(error).end()
    }
    let verb: any Verb
    do {
      try CommandLineCheck.refuseMisspeltVerb(arguments)
      var command = try parseAsRoot(arguments)
      guard let parsed = command as? any Verb else {
        // A request for help is a command of the parser's own, which throws what it has to say.
        try command.run()
        ExitStatus.success.end()
      }
      verb = parsed
    } catch {
      ErrorReport(plain, wantsJSON: false).show(parsing: error, arguments).end()
    }
    let display = verb.display
    let console = Console(display.color, quiet: display.quiet, environment: environment)
    let session = Session(
      registry: loader.registry, plugins: loader.plugins, console: console)
    do {
      try await verb.run(in: session).end()
    } catch {
      session.progress.finish()
      ErrorReport(console, wantsJSON: verb.wantsJSON).show(error).end()
    }
  }
}
