import CProto
import IR

/// What calls of a model's own functions come to, found before a body is put in place: calls in a
/// circle, and how many nodes a graph unfolds to.
struct FunctionCalls {
  private let functions: [String: Onnx__FunctionProto]
  /// Nodes that a call of each function becomes.
  private var sizes: [String: Int] = [:]
  private var path: [String] = []

  /// Calls in calls that are followed.
  static let depthLimit: Int = 64

  init(_ functions: [String: Onnx__FunctionProto]) { self.functions = functions }

  /// - Throws: a `Diagnostic` where a function calls itself, or where `graph` comes to more than
  ///   `limit` nodes.
  mutating func check(_ graph: Onnx__GraphProto, limit: Int) throws {
    guard !functions.isEmpty else { return }
    let size = try unfolded(messages(graph.node, graph.n_node))
    guard size <= limit else {
      let shown = size == Int.max ? "more nodes than can be counted" : "\(size) nodes"
      throw Diagnostic.unsupported("the model's functions unfold to \(shown)")
    }
  }

  private mutating func unfolded(_ nodes: [UnsafeMutablePointer<Onnx__NodeProto>]) throws -> Int {
    var total = 0
    for node in nodes {
      let key = functionKey(
        text(node.pointee.domain), text(node.pointee.op_type), text(node.pointee.overload))
      let (sum, isOver) = total.addingReportingOverflow(try size(of: key))
      if isOver { return Int.max }
      total = sum
    }
    return total
  }

  private mutating func size(of key: String) throws -> Int {
    guard let function = functions[key] else { return 1 }
    if let size = sizes[key] { return size }
    if let start = path.firstIndex(of: key) {
      let names = (path[start...] + [key]).map { "'\(name(of: $0))'" }
      throw Diagnostic.error("functions call themselves: \(names.joined(separator: " calls "))")
    }
    guard path.count < FunctionCalls.depthLimit else {
      throw Diagnostic.unsupported(
        "functions call functions deeper than \(FunctionCalls.depthLimit)")
    }
    path.append(key)
    defer { path.removeLast() }
    let inner = try unfolded(messages(function.node, function.n_node))
    let size = inner == Int.max ? inner : inner + 1
    sizes[key] = size
    return size
  }

  private func name(of key: String) -> String { functions[key].map { text($0.name) } ?? key }
}
