import CProto
import IR

/// What the nodes of one graph, subgraph or function body see: names of their own first, then those
/// of the scope around.
final class ONNXScope {
  /// nil for a model's graph and for functions, which see nothing from outside.
  private let parent: ONNXScope?
  private var values: [String: ONNXValue] = [:]
  /// Names whose node failed.
  private var failed: Set<String> = []
  let opsets: [String: Int]
  /// Inside a function: its attributes' values.
  let attributes: [String: Onnx__AttributeProto]?
  /// Names of the nodes around, joined by slashes.
  let path: String
  /// Subgraphs and functions around.
  let depth: Int

  /// The scope of a model's graph.
  init(opsets: [String: Int]) {
    (parent, attributes, path, depth) = (nil, nil, "", 0)
    self.opsets = opsets
  }

  /// The scope of a function that is called in `caller` at `path`.
  init(
    calledIn caller: ONNXScope, _ path: String, opsets: [String: Int],
    attributes: [String: Onnx__AttributeProto]
  ) {
    parent = nil
    self.opsets = opsets.isEmpty ? caller.opsets : opsets
    self.attributes = attributes
    self.path = path
    depth = caller.depth + 1
  }

  /// The scope of a subgraph of a node at `path` in `parent`.
  init(inside parent: ONNXScope, _ path: String) {
    self.parent = parent
    opsets = parent.opsets
    attributes = parent.attributes
    self.path = path
    depth = parent.depth + 1
  }

  /// What `name` stands for; nil where nothing defines it, or its node failed.
  func value(_ name: String) -> ONNXValue? {
    var scope: ONNXScope? = self
    while let current = scope {
      if let value = current.values[name] { return value }
      scope = current.parent
    }
    return nil
  }

  /// Whether the node that makes `name` failed.
  func isFailed(_ name: String) -> Bool {
    var scope: ONNXScope? = self
    while let current = scope {
      if current.failed.contains(name) { return true }
      if current.values[name] != nil { return false }
      scope = current.parent
    }
    return false
  }

  /// Gives `name` a meaning here, whatever it means outside; false where it has one already.
  func define(_ name: String, _ value: ONNXValue) -> Bool {
    values.updateValue(value, forKey: name) == nil
  }

  func fail(_ names: [String]) { failed.formUnion(names) }
}

/// The key under which a model's own function is found.
func functionKey(_ domain: String, _ name: String, _ overload: String) -> String {
  canonicalDomain(domain) + ":" + name + ":" + overload
}

/// The names that `node` reads, those from inside its subgraphs included.
func namesRead(by node: Onnx__NodeProto) -> [String] {
  var names = strings(node.input, node.n_input).filter { !$0.isEmpty }
  for attribute in messages(node.attribute, node.n_attribute).map(\.pointee) {
    if let graph = attribute.g { names += namesCaptured(by: graph.pointee) }
    for graph in messages(attribute.graphs, attribute.n_graphs) {
      names += namesCaptured(by: graph.pointee)
    }
  }
  return names
}

/// The names that a subgraph reads from outside.
private func namesCaptured(by graph: Onnx__GraphProto) -> Set<String> {
  var read: Set<String> = []
  var made: Set<String> = []
  for node in messages(graph.node, graph.n_node).map(\.pointee) {
    read.formUnion(namesRead(by: node))
    made.formUnion(strings(node.output, node.n_output))
  }
  for info in messages(graph.output, graph.n_output) { read.insert(text(info.pointee.name)) }
  for info in messages(graph.input, graph.n_input) { made.insert(text(info.pointee.name)) }
  for tensor in messages(graph.initializer, graph.n_initializer) {
    made.insert(text(tensor.pointee.name))
  }
  return read.subtracting(made)
}
