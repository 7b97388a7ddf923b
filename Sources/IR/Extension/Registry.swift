/// All that this build knows: a value made in `main` and passed down; plugins add to it.
public struct Registry: Sendable {
  public private(set) var operations: [String: any Operation.Type] = [:]
  public private(set) var passes: [any Pass.Type] = []
  public private(set) var frontends: [any Frontend.Type] = []
  public private(set) var backends: [any Backend.Type] = []
  /// Pipelines that have a name, as text.
  public private(set) var pipelines: [String: String] = [:]

  /// Knows the core operations.
  public init() {
    for operation in coreOperations { register(operation: operation) }
  }

  public mutating func register(operation: any Operation.Type) {
    operations[operation.mnemonic] = operation
  }
  public mutating func register(pass: any Pass.Type) { passes.append(pass) }
  public mutating func register(frontend: any Frontend.Type) { frontends.append(frontend) }
  public mutating func register(backend: any Backend.Type) { backends.append(backend) }
  /// Lets `name` stand for `passes` wherever a pipeline is written.
  public mutating func register(pipeline name: String, _ passes: String) {
    pipelines[name] = passes
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
