import IR

/// The classes of channels that must stay as they are: inputs, results, and what operations touch that
/// are not followed.
struct FixedChannels {
  private let classes: ChannelClasses
  private(set) var roots: Set<Int> = []

  init(
    _ graph: Graph, _ roles: [OperationID: ChannelRole], _ classes: ChannelClasses
  ) {
    self.classes = classes
    (graph.arguments + graph.results).forEach { markAll($0) }
    for id in graph.allOperations() {
      let node = graph[id]
      node.regions.forEach { region in graph.results(of: region).forEach { markAll($0) } }
      let count = node.results.first.flatMap { classes.counts[$0] }
      switch roles[id] {
      case .none, .opaque?:
        (node.operands + node.results).forEach { markAll($0) }
      case .channelwise?, .concatenation?, .reshape?:
        // A value that is not followed, or repeated for all channels, keeps its neighbours.
        guard count != nil else {
          node.operands.forEach { markAll($0) }
          continue
        }
        for operand in node.operands where isFixed(operand, node, roles[id], graph) {
          markAll(operand)
          // One element for all channels does not hold the result's.
          if case .channelwise? = roles[id], isRepeated(graph[operand]) { continue }
          node.results.forEach { markAll($0) }
        }
      case .product?, .depthwise?:
        if classes.counts[node.operands[0]] == nil || count == nil {
          (node.operands + node.results).forEach { markAll($0) }
        }
      }
    }
  }

  private func isRepeated(_ type: TensorType) -> Bool {
    type.rank == 0 || type.channels == 1
  }

  private func isFixed(
    _ operand: Value, _ node: Node, _ role: ChannelRole?, _ graph: Graph
  ) -> Bool {
    let count = node.results.first.flatMap { classes.counts[$0] }
    if graph.constant(operand) != nil {
      // A constant is cut with the others, but not within a concatenation or reshape.
      if case .channelwise? = role { return false }
      return true
    }
    if case .channelwise? = role { return classes.counts[operand] != count }
    return classes.counts[operand] == nil
  }

  private mutating func markAll(_ value: Value) {
    for channel in 0..<(classes.counts[value] ?? 0) {
      if let root = classes.root(value, channel) { roots.insert(root) }
    }
  }
}
