import IR

/// Where removed channels are missed: the layers that read some, and all that these lead to. What
/// channels a layer itself loses does not change its others.
struct PruneReach {
  private(set) var layers: Set<OperationID> = []

  init(_ prunable: PrunableLayers, _ removed: Set<Int>, _ shared: SharedLayers) {
    let all = Dictionary(prunable.layers.map { ($0.id, $0) }) { first, _ in first }
    var count = -1
    while count < layers.count {
      count = layers.count
      follow(prunable, removed, all)
      // Layers with common weights change together.
      for group in shared.groups where group.contains(where: { layers.contains($0) }) {
        layers.formUnion(group)
      }
    }
  }

  private mutating func follow(
    _ prunable: PrunableLayers, _ removed: Set<Int>,
    _ all: [OperationID: PrunableLayers.Layer]
  ) {
    let graph = prunable.graph
    var changed: Set<Value> = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      var misses = layers.contains(id) || node.operands.contains { changed.contains($0) }
      if let layer = all[id] {
        let readsRemoved = !layer.isDepthwise && layer.inputs.contains { removed.contains($0) }
        misses = misses || readsRemoved
        if misses { layers.insert(id) }
      } else if case .paired? = prunable.roles[id] {
        let channels = prunable.roots(node.operands[0]) ?? []
        misses = misses || channels.contains { removed.contains($0) }
      }
      if misses { changed.formUnion(node.results) }
    }
  }
}
