import IR

/// Channels that stand or fall together: an addition needs the same channels of both operands, a
/// reshape takes every pixel's. Found by union of (value, channel) pairs.
struct ChannelClasses {
  /// Where the channels of each followed value begin.
  private var base: [Value: Int] = [:]
  private(set) var counts: [Value: Int] = [:]
  private var parent: [Int32] = []

  init(_ graph: Graph, _ roles: [OperationID: ChannelRole]) {
    for value in graph.arguments { add(value, graph) }
    for id in graph.operations(in: graph.entry) {
      for value in graph[id].results { add(value, graph) }
    }
    for id in graph.operations(in: graph.entry) {
      guard let role = roles[id] else { continue }
      join(graph[id], role)
    }
  }

  /// Values with more channels than this are not followed.
  private static let widest: Int = 1 << 17

  private mutating func add(_ value: Value, _ graph: Graph) {
    guard let count = graph[value].channels, count <= ChannelClasses.widest else { return }
    base[value] = parent.count
    counts[value] = count
    for _ in 0..<count { parent.append(Int32(parent.count)) }
  }

  private mutating func join(_ node: Node, _ role: ChannelRole) {
    let result = node.results[0]
    guard let count = counts[result] else { return }
    switch role {
    case .product, .opaque: return
    case .depthwise(let multiplier):
      for channel in 0..<count { union(result, channel, node.operands[0], channel / multiplier) }
    case .channelwise:
      for operand in node.operands where counts[operand] == count {
        for channel in 0..<count { union(result, channel, operand, channel) }
      }
    case .concatenation:
      var offset = 0
      for operand in node.operands {
        guard let width = counts[operand] else { return }
        for channel in 0..<width { union(result, offset + channel, operand, channel) }
        offset += width
      }
    case .reshape:
      guard let width = counts[node.operands[0]] else { return }
      for channel in 0..<max(count, width) {
        union(result, channel % count, node.operands[0], channel % width)
      }
    }
  }

  private mutating func union(_ a: Value, _ i: Int, _ b: Value, _ j: Int) {
    guard let first = base[a], let second = base[b] else { return }
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
