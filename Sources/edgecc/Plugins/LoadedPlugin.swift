import IR

/// A plugin as it was loaded.
struct LoadedPlugin: Sendable {
  let identity: PluginIdentity
  /// As it was given.
  let path: String
  /// Of the library file.
  let sha256: String
  /// What it added, in order.
  let contributions: [Registry.Contribution]

  /// `pass fold-negate-pair, operation scaled_swish`.
  var summary: String {
    contributions.map { "\($0.kind) \($0.name)" }.joined(separator: ", ")
  }
}

/// What every verb can be told about plugins, read before the rest of the arguments: a target or a
/// pass that they name may be a plugin's.
enum PluginArguments {
  static let variable = "EDGECC_LOAD_PLUGINS"
  static let option = "--load-plugin"

  /// The libraries to load: those of the environment first, each once.
  static func paths(_ arguments: [String], _ environment: [String: String]) -> [String] {
    // Building is how a stale plugin is mended, so it loads none.
    let isBuilding =
      arguments.first == "plugin" && arguments.count > 1 && ["build", "new"].contains(arguments[1])
    // Help is given whatever the environment says.
    let words: Set<String> = ["--help", "-h", "--version", "help", "--generate-completion-script"]
    let isAsking = arguments.prefix { $0 != "--" }.contains { words.contains($0) }
    if isBuilding || isAsking { return [] }
    var paths = (environment[variable] ?? "").split(separator: ":").map(String.init)
    if arguments.first == "test-plugin", arguments.count > 1, !arguments[1].hasPrefix("-") {
      paths.append(arguments[1])
    }
    var rest = arguments.prefix { $0 != "--" }[...]
    while let argument = rest.popFirst() {
      if argument == option, let value = rest.popFirst() { paths.append(value) }
      if argument.hasPrefix(option + "=") { paths.append(String(argument.dropFirst(14))) }
    }
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }
}
