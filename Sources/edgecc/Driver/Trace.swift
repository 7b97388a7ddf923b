import IR
import Synchronization

/// Every tensor that one run of a function makes.
struct Trace: Sendable {
  /// An operation's result as it came out.
  struct Entry: Sendable {
    let node: Node
    let tensor: Tensor
  }

  /// In program order, the entry block alone.
  let entries: [Entry]

  /// - Throws: what the interpreter throws.
  init(_ function: Function, _ inputs: [Tensor]) throws {
    let collector = Collector()
    _ = try Interpreter(function, hook: { collector.keep($0, $1) }).run(inputs)
    let tensors = collector.tensors
    let graph = function.graph
    var entries: [Entry] = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      for value in node.results {
        if let tensor = tensors[value] { entries.append(Entry(node: node, tensor: tensor)) }
      }
    }
    self.entries = entries
  }

  private final class Collector: Sendable {
    private let kept = Mutex<[Value: Tensor]>([:])
    func keep(_ value: Value, _ tensor: Tensor) { kept.withLock { $0[value] = tensor } }
    var tensors: [Value: Tensor] { kept.withLock { $0 } }
  }

  /// The tensors by the last source node whose work is in them.
  func byNode() -> [SourceNode: [Tensor]] {
    var result: [SourceNode: [Tensor]] = [:]
    for entry in entries {
      if let last = entry.node.location.nodes.last {
        result[last, default: []].append(entry.tensor)
      }
    }
    return result
  }
}
