/// A program's inputs and outputs without its body: all that running an artifact needs.
public struct Interface: Sendable {
  /// A named input or output.
  public struct Port: Hashable, Sendable {
    public let name: String
    public let type: TensorType

    public init(name: String, type: TensorType) {
      self.name = name
      self.type = type
    }
  }

  /// The module's name, prefix of the generated symbols and files.
  public let name: String
  public let inputs: [Port]
  public let outputs: [Port]

  public init(name: String, inputs: [Port], outputs: [Port]) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
  }
}

extension Module {
  /// The interface of `main`.
  public var interface: Interface {
    Interface(
      name: name, inputs: main.inputs.map { Interface.Port(name: $0.name, type: $0.type) },
      outputs: main.outputs.map { Interface.Port(name: $0.name, type: $0.type) })
  }
}
