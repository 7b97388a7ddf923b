import IR

/// Layers that have their weights and their bias in common.
struct SharedLayers {
  /// Each of two layers at least, in program order.
  let groups: [[OperationID]]

  private struct Key: Hashable {
    let weights: Value
    let bias: Value?
  }

  init(_ layers: PrunableLayers) {
    var order: [Key] = []
    var members: [Key: [OperationID]] = [:]
    for layer in layers.layers {
      let operands = layers.graph[layer.id].operands
      let key = Key(weights: operands[1], bias: operands.count > 2 ? operands[2] : nil)
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(layer.id)
    }
    groups = order.compactMap { members[$0] }.filter { $0.count > 1 }
  }
}

/// Keeps what layers with common weights read and compute in the whole model; changes nothing.
struct SharedLayerCollector: LayerChange {
  static var isPassive: Bool { true }
  private let graph: Graph
  private let members: Set<OperationID>
  private var inputs: [OperationID: [Tensor]] = [:]
  private var results: [OperationID: [Tensor]] = [:]

  init(_ layers: PrunableLayers, _ shared: SharedLayers) {
    graph = layers.graph
    members = Set(shared.groups.joined())
  }

  func stored(_ value: Value, _ tensors: [Tensor]) -> [Tensor] { tensors }

  mutating func change(
    _ id: OperationID, _ node: Node, _ walk: PairedWalk
  ) throws -> (exact: [Tensor], changed: [Tensor])? {
    guard members.contains(id), let operation = node.operation as? any LayerWithEpilogue else {
      return nil
    }
    let bare: any Operation = operation.bare
    let types = [graph[node.results[0]]]
    inputs[id] = walk.changed(node.operands[0])
    results[id] = try concurrentMap(inputs[id]?.count ?? 0) { sample in
      try bare.evaluate(
        walk.exactOperands(node, sample), EvaluationContext(resultTypes: types))[0]
    }
    return nil
  }

  /// Inputs and results of all layers of `group`, one behind the other.
  func gathered(_ group: [OperationID]) -> (inputs: [Tensor], results: [Tensor]) {
    (group.flatMap { inputs[$0] ?? [] }, group.flatMap { results[$0] ?? [] })
  }
}
