import IR

/// A graph as lists, for matching: operations in program order with what they read and who reads
/// them.
struct DiffGraph {
  /// Where an operand comes from.
  enum Source: Hashable {
    /// An input or state, by its place.
    case argument(Int)
    /// An argument of a region, by its place.
    case inner(Int)
    case constant(Value)
    case result(operation: Int, index: Int)
  }

  /// Where a result goes.
  enum Reader: Hashable {
    case operand(operation: Int, index: Int)
    case output(Int)
    case yield(Int)
  }

  struct Item {
    let id: OperationID
    let mnemonic: String
    /// Of an operation whose two operands may change places a constant is the second.
    let sources: [Source]
    var readers: [[Reader]]
    let isCommutative: Bool
  }

  let graph: Graph
  private(set) var items: [Item] = []
  /// Contents of constants, by value.
  private(set) var contents: [Value: Int] = [:]
  private let places: [OperationID: Int]

  init(_ function: Function) {
    graph = function.graph
    let order = graph.allOperations()
    var places: [OperationID: Int] = [:]
    for (index, id) in order.enumerated() { places[id] = index }
    self.places = places
    for id in order {
      let node = graph[id]
      let isCommutative = DiffGraph.isCommutative(node)
      var sources = node.operands.map { DiffGraph.source(of: $0, graph, places) }
      if isCommutative, case .constant = sources[0] { sources.swapAt(0, 1) }
      items.append(
        Item(
          id: id, mnemonic: type(of: node.operation).mnemonic, sources: sources,
          readers: node.results.map { value in
            graph.uses(of: value).map { DiffGraph.reader($0, graph, places) }
          }, isCommutative: isCommutative))
    }
    for value in graph.constants() {
      if let tensor = graph.constant(value) { contents[value] = DiffGraph.hash(tensor) }
    }
  }

  func source(of value: Value) -> Source { DiffGraph.source(of: value, graph, places) }

  func node(_ index: Int) -> Node { graph[items[index].id] }

  /// The name in the model, else the mnemonic with the operation's place.
  func title(_ index: Int) -> String {
    let node = node(index)
    if !node.location.nodes.isEmpty { return node.location.summary }
    if let name = node.results.first.flatMap({ graph.name(of: $0) }) { return "%\(name)" }
    return "\(items[index].mnemonic) #\(index)"
  }

  private static func source(
    of value: Value, _ graph: Graph, _ places: [OperationID: Int]
  ) -> Source {
    switch graph.definition(of: value) {
    case .constant: .constant(value)
    case .argument(let block, let index): block == graph.entry ? .argument(index) : .inner(index)
    case .result(let id, let index): .result(operation: places[id] ?? 0, index: index)
    }
  }

  private static func reader(
    _ use: Use, _ graph: Graph, _ places: [OperationID: Int]
  ) -> Reader {
    switch use {
    case .operand(let id, let index):
      .operand(operation: places[id] ?? 0, index: isCommutative(graph[id]) ? 0 : index)
    case .result(let block, let index): block == graph.entry ? .output(index) : .yield(index)
    }
  }

  /// Operations of two operands whose order means nothing.
  private static let commutative: Set<String> = [
    Add.mnemonic, Multiply.mnemonic, Maximum.mnemonic, Minimum.mnemonic, Equal.mnemonic,
    BitwiseAnd.mnemonic, BitwiseOr.mnemonic, BitwiseXor.mnemonic,
  ]

  private static func isCommutative(_ node: Node) -> Bool {
    node.operands.count == 2 && commutative.contains(type(of: node.operation).mnemonic)
  }

  /// Of all bytes: equal contents may be taken as a fact only where tensors are compared, too.
  private static func hash(_ tensor: Tensor) -> Int {
    var hasher = Hasher()
    hasher.combine(tensor.type)
    hasher.combine(bytes: tensor.storage.bytes)
    for string in tensor.storage.strings { hasher.combine(string) }
    return hasher.finalize()
  }
}
