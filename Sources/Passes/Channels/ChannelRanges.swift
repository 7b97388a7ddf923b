import IR

/// What the channels of every value may be, from the inputs' types on: intervals, pushed through
/// layers in the arithmetic that the layers themselves use.
struct ChannelRanges {
  private(set) var known: [Value: [ChannelRange]] = [:]

  /// - Parameter roles: for the operations of the entry block.
  init(_ graph: Graph, _ roles: [OperationID: ChannelRole]) {
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      guard node.results.count == 1, let role = roles[id] else { continue }
      if let ranges = results(node, role, graph), ranges.count == graph[node.results[0]].channels {
        known[node.results[0]] = ranges
      }
    }
  }

  /// The ranges of `value`'s channels; nil where it has none.
  func ranges(_ value: Value, _ graph: Graph) -> [ChannelRange]? {
    if let ranges = known[value] { return ranges }
    let type = graph[value]
    if let tensor = graph.constant(value) { return ChannelRanges.ranges(of: tensor) }
    return type.channels.map { [ChannelRange](repeating: ChannelRange(all: type), count: $0) }
  }

  /// The extremes of a constant per channel; of one channel for a scalar.
  private static func ranges(of tensor: Tensor) -> [ChannelRange]? {
    guard tensor.count > 0, tensor.count <= 1 << 20, tensor.element != .string else { return nil }
    let channels = tensor.type.channels ?? 1
    let values = tensor.doubles()
    return (0..<channels).map { channel in
      var range = ChannelRange(values[channel], values[channel])
      for index in stride(from: channel, to: values.count, by: channels) {
        range = range.joined(with: ChannelRange(values[index], values[index]))
      }
      return range
    }
  }

  private func results(_ node: Node, _ role: ChannelRole, _ graph: Graph) -> [ChannelRange]? {
    guard let first = node.operands.first, let x = ranges(first, graph) else { return nil }
    let result = graph[node.results[0]]
    switch role {
    case .product(let product): return product.results(x)
    case .depthwise(let multiplier):
      return ChannelDepthwise(node, graph)?.results(x, multiplier)
    case .concatenation: return node.operands.flatMap { ranges($0, graph) ?? [] }
    case .reshape:
      guard let count = result.channels else { return nil }
      if count % x.count == 0 { return (0..<count).map { x[$0 % x.count] } }
      return (0..<count).map { channel in
        stride(from: channel, to: x.count, by: count).reduce(x[channel]) { $0.joined(with: x[$1]) }
      }
    case .channelwise: return ChannelFunction(node, graph)?.results { ranges($0, graph) }
    case .opaque: return nil
    }
  }
}
