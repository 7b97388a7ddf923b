import IR

/// Channels that stand or fall together: an addition needs the same channels of both operands, a
/// reshape takes every pixel's. Found by union of (value, channel) pairs, where the channels of a
/// value lie along the axis that `ChannelAxes` tells.
struct ChannelClasses {
  let axes: ChannelAxes
  /// Where the channels of each followed value begin.
  private var base: [Value: Int] = [:]
  private(set) var counts: [Value: Int] = [:]
  private var parent: [Int32] = []

  /// Fully connected layers with the same weights, as the steps of a recurrent layer are, keep the
  /// same channels, so that their weights stay one constant.
  ///
  /// - Parameter sharesWeights: whether other layers with the same weights do so, too.
  init(
    _ graph: Graph, _ axes: ChannelAxes, _ roles: [OperationID: ChannelRole],
    sharesWeights: Bool = false
  ) {
    self.axes = axes
    for value in graph.arguments { add(value, graph) }
    for id in graph.operations(in: graph.entry) {
      for value in graph[id].results { add(value, graph) }
    }
    var first: [Value: Node] = [:]
    for id in graph.operations(in: graph.entry) {
      guard let role = roles[id] else { continue }
      let node = graph[id]
      join(node, role)
      switch role {
      case .product, .depthwise:
        guard sharesWeights || node.operation is FullyConnected else { continue }
        if let other = first[node.operands[1]] { share(node, other) }
        first[node.operands[1]] = node
      default: continue
      }
    }
  }

  /// Values with more channels than this are not followed.
  private static let widest: Int = 1 << 17

  private mutating func add(_ value: Value, _ graph: Graph) {
    guard let axis = axes[value] else { return }
    let count = graph[value].shape[axis]
    guard count > 0, count <= ChannelClasses.widest else { return }
    base[value] = parent.count
    counts[value] = count
    for _ in 0..<count { parent.append(Int32(parent.count)) }
  }

  private mutating func join(_ node: Node, _ role: ChannelRole) {
    let result = node.results[0]
    guard let count = counts[result] else { return }
    switch role {
    case .opaque: return
    case .product(let product):
      // Groups are equally wide: they lose the same of their channels.
      guard product.groups > 1 else { return }
      for output in 0..<count { union(result, output, result, output % (count / product.groups)) }
      for input in 0..<product.inputs {
        union(node.operands[0], input, node.operands[0], input % product.depth)
      }
    case .depthwise(let multiplier):
      for channel in 0..<count { union(result, channel, node.operands[0], channel / multiplier) }
    case .channelwise(let places):
      for operand in places.map({ node.operands[$0] }) where counts[operand] == count {
        for channel in 0..<count { union(result, channel, operand, channel) }
      }
    case .concatenation:
      var offset = 0
      for operand in node.operands {
        guard let width = counts[operand] else { return }
        for channel in 0..<width { union(result, offset + channel, operand, channel) }
        offset += width
      }
    case .slice(let start):
      for channel in 0..<count { union(result, channel, node.operands[0], start + channel) }
    case .reshape(let reshaped):
      reshaped.forEachPair { union(node.operands[0], $0, result, $1) }
    case .paired:
      for channel in 0..<(counts[node.operands[0]] ?? 0) {
        union(node.operands[0], channel, node.operands[1], channel)
      }
    case .columns:
      for channel in 0..<count { union(result, channel, node.operands[1], channel) }
    }
  }

  private mutating func share(_ node: Node, _ other: Node) {
    for (a, b) in [(node.results[0], other.results[0]), (node.operands[0], other.operands[0])] {
      guard let count = counts[a], counts[b] == count else { continue }
      for channel in 0..<count { union(a, channel, b, channel) }
    }
  }

  private mutating func union(_ a: Value, _ i: Int, _ b: Value, _ j: Int) {
    guard let first = base[a], let second = base[b], a != b || i != j else { return }
    let (x, y) = (find(first + i), find(second + j))
    if x != y { parent[max(x, y)] = Int32(min(x, y)) }
  }

  private mutating func find(_ index: Int) -> Int {
    var index = index
    while Int(parent[index]) != index {
      parent[index] = parent[Int(parent[index])]
      index = Int(parent[index])
    }
    return index
  }

  /// The class of `channel` of `value`; nil for values that are not followed.
  func root(_ value: Value, _ channel: Int) -> Int? {
    guard let start = base[value] else { return nil }
    var index = start + channel
    while Int(parent[index]) != index { index = Int(parent[index]) }
    return index
  }

  /// Pairs altogether.
  var size: Int { parent.count }
}
