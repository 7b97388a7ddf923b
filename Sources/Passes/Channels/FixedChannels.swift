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
      case .channelwise(let places)?:
        // A value whose single element serves all channels keeps its own, but not the result's.
        for (place, operand) in node.operands.enumerated() where !places.contains(place) {
          markAll(operand)
        }
        let isFollowed = places.allSatisfy { classes.counts[node.operands[$0]] == count }
        if count == nil || !isFollowed { (node.operands + node.results).forEach { markAll($0) } }
      case .concatenation?, .reshape?, .slice?:
        // A constant is cut with others, but not within these.
        let isFollowed = node.operands.allSatisfy { classes.counts[$0] != nil }
        if count == nil || !isFollowed { (node.operands + node.results).forEach { markAll($0) } }
      case .product?, .depthwise?:
        if classes.counts[node.operands[0]] == nil || count == nil {
          (node.operands + node.results).forEach { markAll($0) }
        }
      case .paired?:
        let isFollowed = node.operands.allSatisfy { classes.counts[$0] != nil }
        (isFollowed ? node.results : node.operands + node.results).forEach { markAll($0) }
      case .columns?:
        markAll(node.operands[0])
        if classes.counts[node.operands[1]] == nil || count == nil {
          (node.operands + node.results).forEach { markAll($0) }
        }
      }
    }
  }

  private mutating func markAll(_ value: Value) {
    for channel in 0..<(classes.counts[value] ?? 0) {
      if let root = classes.root(value, channel) { roots.insert(root) }
    }
  }
}
