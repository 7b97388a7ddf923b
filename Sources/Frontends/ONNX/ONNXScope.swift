import CProto
import IR

/// What the nodes of one graph, subgraph or function body see.
struct ONNXScope {
  var values: [String: ONNXValue] = [:]
  /// Names whose node failed.
  var failed: Set<String> = []
  /// Names from outside that a subgraph may define anew.
  var shadows: Set<String> = []
  var opsets: [String: Int]
  /// Inside a function: its attributes' values.
  var attributes: [String: Onnx__AttributeProto]?
  /// Names of the nodes around, joined by slashes.
  var path: String = ""
  /// Subgraphs and functions around.
  var depth: Int = 0

  init(opsets: [String: Int]) { self.opsets = opsets }
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
