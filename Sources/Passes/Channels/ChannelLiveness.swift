import IR

/// Which channels somebody reads: from the function's results backwards through weights that are not
/// zero. Channels that are constant for every input need not be read where a bias can have what they
/// add.
struct ChannelLiveness {
  private let classes: ChannelClasses
  private var live: [Bool]
  private var pending: [Int] = []
  /// For each class, the outputs of products in it.
  private var products: [Int: [(id: OperationID, output: Int)]] = [:]

  init(
    _ graph: Graph, _ axes: ChannelAxes, _ roles: [OperationID: ChannelRole],
    _ ranges: ChannelRanges
  ) {
    classes = ChannelClasses(graph, axes, roles)
    live = [Bool](repeating: false, count: classes.size)
    for id in graph.operations(in: graph.entry) {
      guard case .product(let product) = roles[id] else { continue }
      for output in 0..<product.outputs {
        guard let root = classes.root(graph[id].results[0], output) else { continue }
        products[root, default: []].append((id, output))
      }
    }
    for root in FixedChannels(graph, roles, classes).roots.sorted() where !live[root] {
      live[root] = true
      pending.append(root)
    }
    for id in graph.operations(in: graph.entry) {
      if case .paired? = roles[id] { markPairs(graph[id], ranges) }
    }
    propagate(graph, roles, ranges)
    keepOneOfEach(graph, roles, ranges)
  }

  /// The channels of `value` that stay; nil where all do.
  func kept(_ value: Value) -> [Int]? {
    guard let count = classes.counts[value] else { return nil }
    let kept = (0..<count).filter { channel in
      classes.root(value, channel).map { live[$0] } ?? true
    }
    return kept.count == count ? nil : kept
  }

  private mutating func mark(_ value: Value, _ channel: Int) {
    guard let root = classes.root(value, channel), !live[root] else { return }
    live[root] = true
    pending.append(root)
  }

  /// A sum of products reads the channels that are not zero in either factor.
  private mutating func markPairs(_ node: Node, _ ranges: ChannelRanges) {
    let factors = node.operands.map { ranges.known[$0] }
    for channel in 0..<(classes.counts[node.operands[0]] ?? 0) {
      let isZero = factors.contains { $0?[channel].constant == 0 }
      if !isZero { mark(node.operands[0], channel) }
    }
  }

  private mutating func propagate(
    _ graph: Graph, _ roles: [OperationID: ChannelRole], _ ranges: ChannelRanges
  ) {
    while let root = pending.popLast() {
      for (id, output) in products[root] ?? [] {
        guard case .product(let product) = roles[id] else { continue }
        let node = graph[id]
        // What is constant needs no input at all.
        if ranges.known[node.results[0]]?[output].constant != nil { continue }
        let inputs = ranges.ranges(node.operands[0], graph)
        for channel in 0..<product.inputs where product.uses(channel, for: output) {
          if let inputs, product.isFoldable(inputs[channel]) { continue }
          mark(node.operands[0], channel)
        }
      }
    }
  }

  /// A tensor keeps one channel at least.
  private mutating func keepOneOfEach(
    _ graph: Graph, _ roles: [OperationID: ChannelRole], _ ranges: ChannelRanges
  ) {
    for id in graph.operations(in: graph.entry).reversed() {
      for value in graph[id].results where kept(value)?.isEmpty == true {
        mark(value, 0)
        propagate(graph, roles, ranges)
      }
    }
  }
}
