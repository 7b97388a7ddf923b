import IR

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is caught before the arguments are parsed.
enum CommandLineCheck {
  /// `compile` needs no verb, so a misspelt verb would pass for the name of a model: say so
  /// instead.
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

  /// The first long option that the verb does not have, with the nearest that it has.
  static func unknownOption(_ arguments: [String]) -> Diagnostic? {
    guard let dump = try? JSONDecoder().decode(HelpDump.self, from: Data(Edgecc._dumpHelp().utf8))
    else { return nil }
    let verbs = dump.command.subcommands ?? []
    let first = arguments.first ?? ""
    guard
      var verb = verbs.first(where: { $0.commandName == first })
        ?? verbs.first(where: { $0.commandName == "compile" })
    else { return nil }
    // 'plugin build': what follows the verb may be one of its own.
    var title = verb.commandName
    if let inner = verb.subcommands?.first(where: { $0.commandName == arguments.dropFirst().first }) {
      title += " \(inner.commandName)"
      verb = inner
    }
    var known: [String] = ["help", "version"]
    for argument in (verb.arguments ?? []) + (dump.command.arguments ?? []) {
      for name in argument.names ?? [] where name.kind == "long" { known.append(name.name) }
    }
    for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
      let name = String(argument.dropFirst(2).prefix { $0 != "=" })
      guard !known.contains(name) else { continue }
      // What was cut short is meant before what merely resembles it.
      let longer = known.filter { $0.hasPrefix(name) }.min { $0.count < $1.count }
      let nearest = longer ?? nearestName(to: name, in: known)
      return Diagnostic.error(
        "'\(title)' has no option '--\(name)'",
        help: [
          nearest.map { "did you mean '--\($0)'?" }
            ?? "'edgecc \(title) --help' lists them"
        ])
    }
    return nil
  }

  /// What is needed of the parser's own description of the command line.
  private struct HelpDump: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    struct Argument: Decodable { var names: [Name]? }
    struct Command: Decodable {
      var commandName: String
      var subcommands: [Command]?
      var arguments: [Argument]?
    }
    var command: Command
  }
}
