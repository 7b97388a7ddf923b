import IR

/// What the channels of every value may be, from the inputs' types on: intervals, pushed through
/// layers in the arithmetic that the layers themselves use.
struct ChannelRanges {
  private(set) var known: [Value: [ChannelRange]] = [:]
  private let axes: ChannelAxes

  /// - Parameter roles: for the operations of the entry block.
  init(_ graph: Graph, _ axes: ChannelAxes, _ roles: [OperationID: ChannelRole]) {
    self.axes = axes
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      guard node.results.count == 1, let role = roles[id], let count = count(node.results[0], graph)
      else { continue }
      if let ranges = results(node, role, graph, count), ranges.count == count {
        known[node.results[0]] = ranges
      }
    }
  }

  private func count(_ value: Value, _ graph: Graph) -> Int? {
    axes[value].map { graph[value].shape[$0] }
  }

  /// The ranges of `value`'s channels; nil where it has none. Requires: `value` is no constant.
  func ranges(_ value: Value, _ graph: Graph) -> [ChannelRange]? {
    if let ranges = known[value] { return ranges }
    let type = graph[value]
    if type.rank == 0 { return [ChannelRange(all: type)] }
    return count(value, graph).map { [ChannelRange](repeating: ChannelRange(all: type), count: $0) }
  }

  /// The ranges of a constant's elements along the channels of `result`; one where it has one element
  /// for all of them.
  private func ranges(
    of tensor: Tensor, _ result: Value, _ graph: Graph
  ) -> [ChannelRange]? {
    guard tensor.count > 0, tensor.count <= 1 << 20, tensor.element != .string else { return nil }
    let axis = axes.constantAxis(tensor, result, graph)
    let count = axis.map { tensor.shape[$0] } ?? 1
    let stride = axis.map { tensor.shape.dimensions[($0 + 1)...].reduce(1, *) } ?? tensor.count
    let values = tensor.doubles()
    var ranges = [ChannelRange?](repeating: nil, count: count)
    for (index, value) in values.enumerated() {
      let point = ChannelRange(value, value)
      let channel = index / stride % count
      ranges[channel] = ranges[channel]?.joined(with: point) ?? point
    }
    return ranges.compactMap(\.self)
  }

  private func results(
    _ node: Node, _ role: ChannelRole, _ graph: Graph, _ count: Int
  ) -> [ChannelRange]? {
    func operand(_ value: Value) -> [ChannelRange]? {
      guard let tensor = graph.constant(value) else { return ranges(value, graph) }
      return ranges(of: tensor, node.results[0], graph)
    }
    guard let first = node.operands.first, let x = operand(first) else { return nil }
    switch role {
    case .product(let product): return x.count == product.inputs ? product.results(x) : nil
    case .depthwise(let multiplier):
      return ChannelDepthwise(node, graph)?.results(x, multiplier)
    case .concatenation: return node.operands.flatMap { operand($0) ?? [] }
    case .slice(let start):
      guard start + count <= x.count else { return nil }
      return Array(x[start..<(start + count)])
    case .reshape(let reshaped): return moved(x, reshaped, count)
    case .channelwise: return ChannelFunction(node, graph, axes)?.results(operand)
    case .paired, .columns, .opaque: return nil
    }
  }

  /// What meets in a channel behind the reshape is joined.
  private func moved(
    _ x: [ChannelRange], _ reshaped: ReshapedAxis, _ count: Int
  ) -> [ChannelRange]? {
    var result = [ChannelRange?](repeating: nil, count: count)
    reshaped.forEachPair { before, behind in
      guard before < x.count, behind < count else { return }
      result[behind] = result[behind]?.joined(with: x[before]) ?? x[before]
    }
    let found = result.compactMap(\.self)
    return found.count == count ? found : nil
  }
}
