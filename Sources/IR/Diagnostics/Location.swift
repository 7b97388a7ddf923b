/// One node of the source model.
public struct SourceNode: Hashable, Sendable {
  /// The node's name in the model; importers give unnamed nodes the name of their first output.
  public var name: String
  /// The source format's operator (`Conv`, `CONV_2D`); empty where there is none.
  public var operation: String

  public init(name: String, operation: String = "") {
    self.name = name
    self.operation = operation
  }
}

/// Where an operation came from: the source nodes whose work it does. Fusion joins locations, so
/// every diagnostic, profile row and line of generated code can name the source.
public struct Location: Hashable, Sendable {
  public var nodes: [SourceNode]

  public init(_ nodes: [SourceNode]) { self.nodes = nodes }
  public init(name: String, operation: String = "") {
    nodes = [SourceNode(name: name, operation: operation)]
  }

  /// An operation that edgecc made itself.
  public static let none = Location([])

  /// All nodes of both, in order, each once.
  public func joined(with other: Location) -> Location {
    var result = nodes
    for node in other.nodes where !result.contains(node) { result.append(node) }
    return Location(result)
  }

  /// The node names joined by ` + `; empty for `none`.
  public var summary: String { nodes.map(\.name).joined(separator: " + ") }
}
