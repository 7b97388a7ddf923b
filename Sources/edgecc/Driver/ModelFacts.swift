import IR

/// What can be counted in a module without running it.
struct ModelFacts: Sendable {
  struct Large: Sendable {
    let name: String
    let type: TensorType
    let byteCount: Int
    let isConstant: Bool
  }

  private(set) var operationCount: Int = 0
  /// Multiply-accumulates of one inference, over the operations whose shapes are known.
  private(set) var macs: Int = 0
  /// Operations by mnemonic.
  private(set) var kinds: [String: Int] = [:]
  private(set) var macsByKind: [String: Int] = [:]
  private(set) var parameterCount: Int = 0
  private(set) var parameterBytes: Int = 0
  private(set) var hasUnknownShapes: Bool = false
  /// Largest first.
  private(set) var largest: [Large] = []

  init(_ module: Module) {
    let graph = module.main.graph
    var tensors: [Large] = []
    for id in graph.allOperations() {
      let node = graph[id]
      let mnemonic = type(of: node.operation).mnemonic
      operationCount += 1
      kinds[mnemonic, default: 0] += 1
      let operands = node.operands.map { graph[$0] }
      let results = node.results.map { graph[$0] }
      if (operands + results).allSatisfy({ $0.shape.checkedCount != nil }) {
        let cost = node.operation.macs(operands: operands, results: results)
        macs += cost
        macsByKind[mnemonic, default: 0] += cost
      } else {
        hasUnknownShapes = true
      }
      for (value, type) in zip(node.results, results) where type.shape.checkedCount != nil {
        let name = graph.name(of: value) ?? node.location.summary
        tensors.append(
          Large(name: name, type: type, byteCount: type.byteCount, isConstant: false))
      }
    }
    for value in graph.constants() {
      let type = graph[value]
      parameterCount += type.shape.count
      parameterBytes += type.byteCount
      tensors.append(
        Large(
          name: graph.name(of: value) ?? "", type: type, byteCount: type.byteCount,
          isConstant: true))
    }
    largest = tensors.enumerated().sorted { a, b in
      a.element.byteCount != b.element.byteCount
        ? a.element.byteCount > b.element.byteCount : a.offset < b.offset
    }.map(\.element)
  }

  /// Kinds by how often they occur, then by name.
  var rankedKinds: [(mnemonic: String, count: Int)] {
    kinds.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }
}

extension Module {
  /// Whether any value of the program is quantised.
  var isQuantized: Bool {
    functions.contains { function in
      let graph = function.graph
      if graph.arguments.contains(where: { graph[$0].isQuantized }) { return true }
      return graph.allOperations().contains { id in
        graph[id].results.contains { graph[$0].isQuantized }
      }
    }
  }

  /// The first value of `main` with an unknown extent, as "'x' is tensor<…>"; nil for none.
  var firstUnknownShape: String? {
    let graph = main.graph
    for value in graph.arguments where !graph[value].shape.isStatic {
      return "'\(graph.name(of: value) ?? "")' is \(graph[value])"
    }
    for id in graph.allOperations() {
      for value in graph[id].results where !graph[value].shape.isStatic {
        let name = graph.name(of: value) ?? graph[id].location.summary
        return "'\(name)' is \(graph[value])"
      }
    }
    return nil
  }

  /// Whether the program computes in floating point and could be quantised.
  var isFloat: Bool {
    let graph = main.graph
    let computes = graph.allOperations().contains { id in
      graph[id].results.contains { graph[$0].element.isFloat }
    }
    return computes && !isQuantized
  }
}
