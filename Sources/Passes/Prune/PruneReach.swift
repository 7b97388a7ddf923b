import IR

/// Where removed channels are missed: the layers that read some, and all that these lead to. What
/// channels a layer itself loses does not change its others.
struct PruneReach {
  private(set) var layers: Set<OperationID> = []

  init(_ prunable: PrunableLayers, _ removed: Set<Int>) {
    let graph = prunable.graph
    let all = Dictionary(prunable.layers.map { ($0.id, $0) }) { first, _ in first }
    var changed: Set<Value> = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      var misses = node.operands.contains { changed.contains($0) }
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
