import ArgumentParser
import Frontends
import IR

/// `edgecc targets`
struct Targets: Verb {
  static let configuration = CommandConfiguration(
    commandName: "targets",
    abstract: "List the targets, their options and what they demand of operations.",
    discussion: """
      EXAMPLES
        edgecc targets
        edgecc targets npu
        edgecc targets --markdown
      """)

  @Argument(help: "One target, with options; default: all.")
  var target: TargetRequest?

  @Flag(help: "Print Markdown, for documentation.")
  var markdown: Bool = false
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    let requests =
      target.map { [$0] }
      ?? session.registry.backends.map { TargetRequest(name: $0.name, options: TargetOptions()) }
    let listing = try TargetListing(
      requests.map { request in
        let backend = try session.backend(request)
        return (type(of: backend), backend)
      }, session.registry)
    if wantsJSON {
      session.console.print(listing.json().text())
    } else {
      let details = target != nil
      session.console.print(
        markdown ? listing.markdown() : listing.text(session.console, details: details))
    }
    return .success
  }
}

/// `edgecc passes`
struct ListPasses: Verb {
  static let configuration = CommandConfiguration(
    commandName: "passes",
    abstract: "List the passes and their options.",
    discussion: """
      EXAMPLES
        edgecc passes
        edgecc passes --json
      """)

  @Flag(help: "Print Markdown, for documentation.")
  var markdown: Bool = false
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    let passes = session.registry.passes.sorted { $0.name < $1.name }
    if wantsJSON {
      let items = passes.map { pass in
        JSON.object([
          ("name", .string(pass.name)), ("summary", .string(pass.summary)),
          ("plugin", .optional(session.registry.owner(of: .pass, pass.name)?.name)),
          ("options", .array(pass.options.map(\.json))),
        ])
      }
      let pipelines = session.registry.pipelines.keys.sorted().map { name in
        JSON.object([
          ("name", .string(name)), ("passes", .optional(session.registry.pipelines[name])),
        ])
      }
      session.console.print(
        JSON.document([("passes", .array(items)), ("pipelines", .array(pipelines))]).text())
      return .success
    }
    let registry = session.registry
    let tables = [passTable(passes, registry), optionTable(passes), pipelineTable(registry)]
    session.console.print(
      tables.filter { !$0.isEmpty }
        .map { markdown ? $0.markdown() : $0.text(session.console) }.joined(separator: "\n"))
    return .success
  }
}

extension ListPasses {
  private func passTable(_ passes: [any Pass.Type], _ registry: Registry) -> Table {
    // A column for plugins only where there are any.
    let hasPlugins = !registry.plugins.isEmpty
    var table = Table(
      [.init("pass"), .init("what it does")] + (hasPlugins ? [.init("plugin")] : []))
    for pass in passes {
      table.add([pass.name, pass.summary, registry.owner(of: .pass, pass.name)?.name ?? ""])
    }
    return table
  }

  private func optionTable(_ passes: [any Pass.Type]) -> Table {
    var table = Table([
      .init("pass"), .init("option"), .init("values"), .init("default"), .init("meaning"),
    ])
    for pass in passes {
      for option in pass.options {
        table.add([pass.name, option.name, option.values, option.defaultValue, option.help])
      }
    }
    return table
  }

  private func pipelineTable(_ registry: Registry) -> Table {
    var table = Table([.init("pipeline"), .init("passes")])
    for name in registry.pipelines.keys.sorted() {
      table.add([name, registry.pipelines[name] ?? ""])
    }
    return table
  }
}

/// `edgecc ops`
struct ListOperations: Verb {
  static let configuration = CommandConfiguration(
    commandName: "ops",
    abstract: "List the operations of the IR, with their attributes, and the formats' operators.",
    discussion: """
      EXAMPLES
        edgecc ops
        edgecc ops conv2d
        edgecc ops --markdown
        edgecc ops --format onnx
      """)

  @Argument(help: "One operation; default: all.")
  var operation: String?

  @Option(
    help: ArgumentHelp(
      "List the operators that are read from this format.", valueName: "onnx|tflite"))
  var format: OperatorFormat?

  @Flag(help: "Print Markdown, for documentation.")
  var markdown: Bool = false
  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    if let format {
      let listing = OperatorListing(format)
      session.console.print(
        wantsJSON
          ? listing.json().text()
          : markdown ? listing.table.markdown() : listing.table.text(session.console))
      return .success
    }
    let all = session.registry.operations
    var names = all.keys.sorted()
    if let operation {
      guard all[operation] != nil else {
        let nearest = nearestName(to: operation, in: names)
        throw Diagnostic.error(
          "no operation is named '\(operation)'",
          help: [nearest.map { "did you mean '\($0)'?" } ?? "'edgecc ops' lists them"])
      }
      names = [operation]
    }
    let listing = OperationListing(
      names.compactMap { all[$0] }, session.registry, details: operation != nil)
    if wantsJSON {
      session.console.print(listing.json().text())
    } else {
      session.console.print(markdown ? listing.markdown() : listing.text(session.console))
    }
    return .success
  }
}
