import ArgumentParser
import IR

/// `edgecc plugin …`
struct Plugins: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin",
    abstract: "Write, build and list plugins.",
    discussion: """
      EXAMPLES
        edgecc plugin new my-pass
        edgecc plugin build my-pass -o libmy-pass.so
        edgecc plugin list --load-plugin libmy-pass.so
      """,
    subcommands: [NewPlugin.self, BuildPlugin.self, ListPlugins.self])
}

extension PluginKind: ExpressibleByArgument {}
extension PluginIdentity.Language: ExpressibleByArgument {
  public static var allValueStrings: [String] { ["swift", "c"] }
}

/// `edgecc plugin new NAME`
struct NewPlugin: Verb {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a small plugin that works, to start from.",
    discussion: """
      EXAMPLES
        edgecc plugin new drop-noise
        edgecc plugin new my-swish --kind operation
        edgecc plugin new my-swish --kind operation --language c
        edgecc plugin new my-chip --kind backend
      """)

  @Argument(help: "Its name and folder: lower-case words joined by '-'.")
  var name: String

  @Option(help: "pass, operation or backend.")
  var kind: PluginKind = .pass

  @Option(help: "swift or c; a backend is written in Swift.")
  var language: PluginIdentity.Language = .swift

  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    let template = try PluginTemplate(kind, language)
    let files = try template.files(named: name)
    if FileTree.exists(name) {
      throw Diagnostic.error("something of that name is there", file: name)
    }
    try FileTree.makeFolder(name)
    for file in files { try FileTree.write(file.contents, to: FileTree.join(name, file.path)) }
    if wantsJSON {
      session.console.print(
        JSON.document([
          ("folder", .string(name)), ("files", .strings(files.map(\.path))),
        ]).text())
    } else {
      session.console.print(
        """
        \(name): \(files.map(\.path).joined(separator: ", "))
          edgecc plugin build \(name) -o lib\(name).so
          edgecc plugin list --load-plugin lib\(name).so

        """)
    }
    return .success
  }
}

/// `edgecc plugin build SOURCE -o LIBRARY`
struct BuildPlugin: Verb {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Build a plugin from a source file or a folder, in Swift or C.",
    discussion: """
      EXAMPLES
        edgecc plugin build MyPass.swift -o libmy-pass.so
        edgecc plugin build my-swish -o libmy-swish.so
        edgecc plugin build crash.c --debug -o libcrash.so
      """)

  @Argument(help: "A .swift or .c file, or a folder of such files.", completion: .file())
  var source: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The library.", valueName: "library"),
    completion: .file(extensions: ["so", "dylib"]))
  var output: String

  @Flag(help: "With debugging information and without optimisation.")
  var debug: Bool = false

  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    let builder = try PluginBuilder(source: source, debug: debug)
    try builder.build(to: output)
    if wantsJSON {
      session.console.print(
        JSON.document([
          ("library", .string(output)), ("language", .string(builder.language.rawValue)),
          ("interface", .string(PluginStamp.own.interface)),
        ]).text())
    } else {
      session.console.print("\(output): built against \(builder.interface)\n")
    }
    return .success
  }
}

/// `edgecc plugin list`
struct ListPlugins: Verb {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the plugins that are loaded, and what they add.",
    discussion: """
      EXAMPLES
        edgecc plugin list --load-plugin libmy-pass.so
        EDGECC_LOAD_PLUGINS=liba.so:libb.so edgecc plugin list --json
      """)

  @OptionGroup(title: "Display") var display: DisplayOptions
  @OptionGroup var jsonOption: JSONOption
  var wantsJSON: Bool { jsonOption.json }

  func run(in session: Session) async throws -> ExitStatus {
    if wantsJSON {
      session.console.print(
        JSON.document([
          ("interface", .string(PluginStamp.own.interface)),
          ("plugins", .array(session.plugins.map(\.json))),
        ]).text())
      return .success
    }
    guard !session.plugins.isEmpty else {
      session.console.print(
        "no plugin is loaded: --load-plugin PATH, or \(PluginArguments.variable)\n")
      return .success
    }
    var table = Table([
      .init("plugin"), .init("version"), .init("in"), .init("adds"), .init("sha256"),
    ])
    for plugin in session.plugins {
      table.add([
        plugin.identity.name, plugin.identity.version, plugin.identity.language.rawValue,
        plugin.summary, String(plugin.sha256.prefix(12)),
      ])
    }
    session.console.print(table.text(session.console))
    return .success
  }
}

extension LoadedPlugin {
  var json: JSON {
    .object([
      ("name", .string(identity.name)), ("version", .string(identity.version)),
      ("language", .string(identity.language.rawValue)), ("path", .string(path)),
      ("sha256", .string(sha256)),
      (
        "adds",
        .array(
          contributions.map { item in
            .object([("kind", .string(item.kind.rawValue)), ("name", .string(item.name))])
          })
      ),
    ])
  }
}
