import ArgumentParser
import IR

/// `edgecc test-plugin LIBRARY`
struct TestPlugin: Verb {
  static let configuration = CommandConfiguration(
    commandName: "test-plugin",
    abstract: "Run a conformance kit over what a plugin adds.",
    discussion: """
      Operations: inference agrees with evaluation, equal operands give equal results, text comes
      back as it was, generated C computes what evaluation does. Passes: programs verify and compute
      the same afterwards. Targets: artifacts agree with the interpreter. Exit status 1 where one of
      these does not hold.

      EXAMPLES
        edgecc test-plugin libmy-swish.so
        edgecc test-plugin libmy-chip.so --model block.eir --model head.onnx
      """)

  /// Loaded by `PluginArguments` before arguments are parsed.
  @Argument(help: "The library.", completion: .file(extensions: ["so", "dylib"]))
  var library: String

  @Option(
    help: ArgumentHelp(
      "A program to try besides the kit's. Repeatable.", valueName: "model"), completion: .file())
  var model: [String] = []

  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    guard let plugin = session.plugins.first(where: { $0.path == library }) else {
      throw Diagnostic.error("write the library first: edgecc test-plugin \(library) …")
    }
    let loader = ModelLoader(registry: session.registry)
    let programs = try model.map { try loader.load($0).module }
    let checks = try await PluginConformance(
      session: session, plugin: plugin, programs: programs
    ).run()
    let failed = checks.filter { $0.problem != nil }.count
    if wantsJSON {
      session.console.print(
        JSON.document([
          ("plugin", .string(plugin.identity.name)), ("failed", .int(failed)),
          ("checks", .array(checks.map(\.json))),
        ]).text())
    } else {
      session.console.print(text(checks, session.console))
      session.console.print(
        "\(plugin.identity.name) \(plugin.identity.version): \(checks.count - failed) passed, "
          + "\(failed) failed\n")
    }
    return failed == 0 ? .success : .finding
  }

  private func text(_ checks: [PluginCheck], _ console: Console) -> String {
    var table = Table([
      .init("of"), .init("check"), .init("cases", .right), .init("verdict"),
    ])
    for check in checks {
      table.add([check.subject, check.title, "\(check.count)", check.problem ?? "ok"])
    }
    return table.text(console)
  }
}

extension PluginCheck {
  var json: JSON {
    .object([
      ("of", .string(subject)), ("check", .string(title)), ("cases", .int(count)),
      ("problem", .optional(problem)),
    ])
  }
}
