import IR

/// What is caught before the arguments are parsed.
enum CommandLineCheck {
  /// `compile` needs no verb, so a misspelt verb would pass for the name of a model: say so instead.
  ///
  /// - Throws: a `Diagnostic` naming the verb that was probably meant.
  static func refuseMisspeltVerb(_ arguments: [String]) throws {
    guard let first = arguments.first, !first.hasPrefix("-"), !first.contains("/"),
      !first.contains("."), !FileTree.exists(first)
    else { return }
    var verbs: [String] = ["help"]
    for verb in Edgecc.configuration.subcommands {
      if let name = verb.configuration.commandName { verbs.append(name) }
    }
    guard !verbs.contains(first) else { return }
    let nearest = nearestName(to: first.lowercased(), in: verbs)
    throw Diagnostic.error(
      "no verb and no model is named '\(first)'",
      help: [nearest.map { "did you mean '\($0)'?" } ?? "'edgecc --help' lists the verbs"])
  }
}
