/// All that this build knows: a value made in `main` and passed down; plugins add to it.
public struct Registry: Sendable {
  public private(set) var operations: [String: any Operation.Type] = [:]
  public private(set) var passes: [any Pass.Type] = []
  public private(set) var frontends: [any Frontend.Type] = []
  public private(set) var backends: [any Backend.Type] = []
  /// Pipelines that have a name, as text.
  public private(set) var pipelines: [String: String] = [:]
  /// How custom operators of model files are read.
  public private(set) var operatorImports: [OperatorImport.Key: OperatorImport] = [:]
  /// The plugins that added to it, in the order in which they were loaded.
  public private(set) var plugins: [PluginIdentity] = []
  /// What plugins added, in order.
  public private(set) var contributions: [Contribution] = []
  /// Names that were registered twice or are none: whoever registers looks here.
  public private(set) var problems: [Diagnostic] = []

  /// Who has which name; nil for edgecc itself.
  private var owners: [Contribution.Kind: [String: PluginIdentity?]] = [:]
  /// In whose name things are being registered; nil for edgecc itself.
  private var author: PluginIdentity?

  /// Something that a plugin added.
  public struct Contribution: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
      case pass, pipeline, operation, format, target
      /// A custom operator of a model format.
      case `operator`
    }
    public let kind: Kind
    public let name: String
    public let owner: PluginIdentity
  }

  /// Knows the core operations.
  public init() {
    for operation in coreOperations { register(operation: operation) }
  }

  public mutating func register(operation: any Operation.Type) {
    guard claim(.operation, operation.mnemonic) else { return }
    operations[operation.mnemonic] = operation
  }

  public mutating func register(pass: any Pass.Type) {
    guard claim(.pass, pass.name) else { return }
    passes.append(pass)
  }

  /// A pass under the pattern's name that applies it until it no longer fits.
  public mutating func register<P: Pattern>(pattern: P.Type) {
    register(pass: PatternPass<P>.self)
  }

  public mutating func register(frontend: any Frontend.Type) {
    guard claim(.format, frontend.name) else { return }
    frontends.append(frontend)
  }

  public mutating func register(backend: any Backend.Type) {
    guard claim(.target, backend.name) else { return }
    backends.append(backend)
  }

  /// Lets `name` stand for `passes` wherever a pipeline is written.
  public mutating func register(pipeline name: String, _ passes: String) {
    guard claim(.pipeline, name) else { return }
    pipelines[name] = passes
  }

  /// How a custom operator is read. What a frontend reads itself, it goes on reading itself; the
  /// loader refuses a plugin that registers such an operator.
  public mutating func register(import rule: OperatorImport) {
    guard claim(.operator, rule.key.description) else { return }
    operatorImports[rule.key] = rule
  }

  public func operation(_ mnemonic: String) -> (any Operation.Type)? { operations[mnemonic] }
  public func pass(_ name: String) -> (any Pass.Type)? {
    for type in passes where type.name == name { return type }
    return nil
  }
  public func backend(_ name: String) -> (any Backend.Type)? {
    for type in backends where type.name == name.lowercased() { return type }
    return nil
  }

  /// The frontend for `file`. Throws a `Diagnostic` naming the formats that this build reads.
  public func frontend(for file: ModelFile) throws -> any Frontend {
    var known: [String] = []
    for type in frontends {
      if type.recognises(file) { return type.init() }
      known.append(type.name)
    }
    throw Diagnostic.error(
      "not a model that this build can read", file: file.path,
      help: ["formats known: \(known.joined(separator: ", "))"])
  }
}

// MARK: Owners

extension Registry {
  /// The plugin that added `name`; nil where edgecc has it itself or nobody has it.
  public func owner(of kind: Contribution.Kind, _ name: String) -> PluginIdentity? {
    owners[kind]?[name] ?? nil
  }

  /// Lets `body` register in the name of `identity`.
  ///
  /// - Throws: what `body` throws, and `Diagnostics` for names that are taken or are none.
  mutating func add(as identity: PluginIdentity, _ body: (inout Registry) throws -> Void) throws {
    if let other = plugins.first(where: { $0.name == identity.name }) {
      throw Diagnostic.error(
        "two plugins are named '\(identity.name)': \(other.version) and \(identity.version)",
        help: ["load one of them"])
    }
    let known = problems.count
    author = identity
    defer { author = nil }
    try body(&self)
    plugins.append(identity)
    if problems.count > known { throw Diagnostics(Array(problems[known...])) }
  }

  private mutating func claim(_ kind: Contribution.Kind, _ name: String) -> Bool {
    let whose = author.map { "plugin '\($0.name)'" } ?? "edgecc"
    guard kind == .operator || Registry.isName(name) else {
      problems.append(
        .error(
          "\(whose) registers the \(kind) '\(name)', which is no name",
          help: ["a letter, then lower-case letters, digits, '-' and '_'"]))
      return false
    }
    if let owner = owners[kind]?[name] {
      let other = owner.map { "plugin '\($0.name)' (\($0.version))" } ?? "edgecc"
      problems.append(
        .error(
          "\(whose) registers the \(kind) '\(name)', and so does \(other)",
          help: ["one of the two needs another name"]))
      return false
    }
    owners[kind, default: [:]][name] = .some(author)
    if let author { contributions.append(Contribution(kind: kind, name: name, owner: author)) }
    return true
  }

  /// Whether `text` can stand in a pipeline, in text IR and behind `--target`.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (97...122).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 95
    }
  }
}
