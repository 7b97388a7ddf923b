import CProto
import IR

// Bodies inside a graph, each in a scope of its own.

/// Bodies within bodies that are followed.
private let depthLimit: Int = 64

extension ONNXGraphImporter {
  /// Runs `body` in the scope `inner`; nil where a node in it failed, which has then been
  /// reported.
  func nested(
    _ inner: ONNXScope, _ body: () throws -> [String]
  ) throws -> [ONNXValue]? {
    guard inner.depth <= depthLimit else {
      throw Diagnostic.unsupported("functions or subgraphs nest deeper than \(depthLimit)")
    }
    let outer = scope
    let location = builder.location
    scope = inner
    defer {
      scope = outer
      builder.location = location
    }
    let outputs = try body()
    if outputs.contains(where: scope.isFailed) { return nil }
    return try outputs.map { name in
      guard let value = scope.value(name) else {
        throw Diagnostic.error("'\(name)' is not made by any node of the body")
      }
      return value
    }
  }

  /// What went wrong inside has been reported at its own node.
  func reported() throws -> [ONNXValue] { throw Diagnostics([]) }

  /// A subgraph put in place, with `arguments` for its inputs.
  func importBody(
    _ graph: Onnx__GraphProto, _ arguments: [ONNXValue], _ place: String
  ) throws -> [ONNXValue] {
    // What a body costs before its first node: a loop around nothing ends, too.
    try spend(4)
    let inner = ONNXScope(inside: scope, place)
    let inputs = messages(graph.input, graph.n_input).map { text($0.pointee.name) }
    guard inputs.count == arguments.count else {
      throw Diagnostic.error("the body takes \(inputs.count) inputs, not \(arguments.count)")
    }
    for (name, value) in zip(inputs, arguments) {
      guard inner.define(name, value) else {
        throw Diagnostic.error("two inputs of the body are named '\(name)'")
      }
    }
    let results = try nested(inner) {
      readInitializers(graph)
      importNodes(messages(graph.node, graph.n_node).map(\.pointee))
      return messages(graph.output, graph.n_output).map { text($0.pointee.name) }
    }
    return try results ?? reported()
  }
}
