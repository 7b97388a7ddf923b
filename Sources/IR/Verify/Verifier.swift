/// Checks what every graph promises: types as inferred, definitions before uses, names unique.
public struct Verifier: Sendable {
  private let registry: Registry

  public init(_ registry: Registry) { self.registry = registry }

  /// - Throws: a `Diagnostic` for the first broken promise.
  public func verify(_ module: Module) throws {
    var names: Set<String> = []
    for function in module.functions {
      guard names.insert(function.name).inserted else {
        throw Diagnostic.error("two functions are named '@\(function.name)'")
      }
      try verify(function)
    }
  }

  private func verify(_ function: Function) throws {
    let graph = function.graph
    let returned = graph.results.count - graph.initialStates.count
    guard graph.resultNames.count == returned else {
      throw Diagnostic.error("@\(function.name) names \(graph.resultNames.count) of its "
        + "\(returned) results")
    }
    try checkStates(function)
    for value in graph.arguments { try checkSize(graph[value], place: graph.name(of: value)) }
    var visible = Set(graph.arguments)
    try verify(graph.entry, in: graph, &visible)
  }

  /// A state has one type from its initial value on.
  private func checkStates(_ function: Function) throws {
    let graph = function.graph
    let runs = zip(function.states, zip(graph.initialStates, graph.stateResults))
    for (state, (initial, next)) in runs {
      guard graph.constant(initial)?.type == state.type, graph[next] == state.type else {
        throw Diagnostic.error(
          "the state '\(state.name)' of @\(function.name) is \(state.type), starts from "
            + "\(graph[initial]) and becomes \(graph[next])")
      }
    }
  }

  private func verify(_ block: Block, in graph: Graph, _ visible: inout Set<Value>) throws {
    for id in graph.operations(in: block) {
      let node = graph[id]
      for operand in node.operands { try check(operand, node, graph, visible) }
      try checkQuantization(node, graph)
      for region in node.regions {
        var inner = visible.union(graph.arguments(of: region))
        try verify(region, in: graph, &inner)
      }
      try checkTypes(id, graph)
      visible.formUnion(node.results)
    }
    for value in graph.results(of: block) {
      if case .constant = graph.definition(of: value) { continue }
      guard visible.contains(value) else {
        throw Diagnostic.error("a result is not defined before the end of its block")
      }
    }
  }

  private func check(
    _ operand: Value, _ node: Node, _ graph: Graph, _ visible: Set<Value>
  ) throws {
    if case .constant = graph.definition(of: operand) { return }
    guard visible.contains(operand) else {
      throw Diagnostic.error(
        "'\(type(of: node.operation).mnemonic)' uses a value before it is defined",
        place: node.location.summary)
    }
  }

  private func checkTypes(_ id: OperationID, _ graph: Graph) throws {
    let node = graph[id]
    let mnemonic = type(of: node.operation).mnemonic
    let inferred: [TensorType]
    do {
      inferred = try node.operation.checkedInfer(graph.operandTypes(of: id))
    } catch {
      throw Diagnostic.error("'\(mnemonic)': \(error)", place: node.location.summary)
    }
    for type in inferred { try checkSize(type, place: node.location.summary) }
    for (value, type) in zip(node.results, inferred) where graph[value] != type {
      throw Diagnostic.error(
        "'\(mnemonic)' gives \(type), but its result is declared \(graph[value])",
        place: node.location.summary)
    }
  }

  private func checkSize(_ type: TensorType, place: String?) throws {
    guard type.shape.isAddressable else {
      throw Diagnostic.error("\(type) has too many elements", place: place)
    }
  }

  private func checkQuantization(_ node: Node, _ graph: Graph) throws {
    for value in node.operands + node.results {
      let type = graph[value]
      guard let quantization = type.quantization else { continue }
      if let problem = quantization.problem(in: type) {
        throw Diagnostic.error("\(problem) in \(type)", place: node.location.summary)
      }
    }
  }
}

extension Quantization {
  /// What makes these parameters unfit for `type`; nil where they fit.
  func problem(in type: TensorType) -> String? {
    guard type.element.isInteger else { return "quantised elements are integers" }
    guard !scales.isEmpty else { return "a quantisation has no scale" }
    if scales.contains(where: { !($0 > 0) || !$0.isFinite }) {
      return "a scale is not positive and finite"
    }
    guard let axis else { return scales.count == 1 ? nil : "one scale is needed without an axis" }
    guard (0..<type.rank).contains(axis) else { return "the quantised axis \(axis) does not exist" }
    let extent = type.shape[axis]
    return extent == scales.count || extent == Shape.unknown
      ? nil : "\(scales.count) scales for \(extent) indices"
  }
}
