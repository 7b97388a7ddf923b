import IR

/// How operations treat the channels of what they read.
enum ChannelRole {
  /// A convolution or product of all channels with constant weights.
  case product(ChannelProduct)
  /// Result channel c·m + k comes from operand channel c.
  case depthwise(multiplier: Int)
  /// Result channel c comes from channel c of the operands at these places; each of the others has
  /// one element for all channels.
  case channelwise([Int])
  /// The operands' channels one behind another.
  case concatenation
  /// Result channel c comes from operand channel `start` + c.
  case slice(start: Int)
  /// Channels are put together or parted.
  case reshape(ReshapedAxis)
  /// A product of two computed matrices sums over the channels of both.
  case paired
  /// Channel c of the second of two computed matrices is the result's.
  case columns
  /// Channels mix in ways that are not followed.
  case opaque

  init(_ node: Node, _ graph: Graph, _ axes: ChannelAxes) {
    self = ChannelRole.role(node, graph, axes)
  }

  /// The roles of all operations of the entry block.
  static func all(_ graph: Graph, _ axes: ChannelAxes) -> [OperationID: ChannelRole] {
    var roles: [OperationID: ChannelRole] = [:]
    for id in graph.operations(in: graph.entry) { roles[id] = ChannelRole(graph[id], graph, axes) }
    return roles
  }

  private static func role(_ node: Node, _ graph: Graph, _ axes: ChannelAxes) -> ChannelRole {
    guard node.regions.isEmpty, node.results.count == 1, node.block == graph.entry,
      let axis = axes[node.results[0]]
    else { return .opaque }
    let isFlat = (node.operands + node.results).allSatisfy { graph[$0].quantization?.axis == nil }
    switch node.operation {
    case is Conv2D, is FullyConnected, is DepthwiseConv2D: return layer(node, graph, axes)
    case is MatMul where isFlat: return matrixProduct(node, graph, axes)
    case is Reshape where isFlat:
      guard let own = axes[node.operands[0]] else { return .opaque }
      let (from, to) = (graph[node.operands[0]].shape, graph[node.results[0]].shape)
      return ReshapedAxis(own, from, to: axis, to).map { .reshape($0) } ?? .opaque
    default: break
    }
    guard let leading = leading(to: axis, node, graph, axes) else { return .opaque }
    switch node.operation {
    case let concat as Concat:
      let along = concat.axis < 0 ? concat.axis + graph[node.results[0]].rank : concat.axis
      return along == axis ? .concatenation : .channelwise(leading)
    case let slice as Slice:
      let isWhole = graph[node.operands[0]].shape[axis] == slice.size[axis]
      return isWhole ? .channelwise(leading) : .slice(start: slice.start[axis])
    case is Transpose, is Pad: return .channelwise(leading)
    default: return isFlat ? .channelwise(leading) : .opaque
    }
  }

  /// The operands whose channels are the result's; nil where another one's channels mix.
  private static func leading(
    to axis: Int, _ node: Node, _ graph: Graph, _ axes: ChannelAxes
  ) -> [Int]? {
    var leading: [Int] = []
    for (place, operand) in node.operands.enumerated() where graph.constant(operand) == nil {
      guard graph[operand].rank > 0 else { continue }
      guard let own = axes[operand] else { return nil }
      if AxisFlow(own, of: place, node, graph) == .to(axis) {
        leading.append(place)
      } else if !isRepeated(operand, axis, node, graph) {
        return nil
      }
    }
    return leading.isEmpty ? nil : leading
  }

  /// Whether a broadcast operand has one element along `axis` of the result.
  private static func isRepeated(_ operand: Value, _ axis: Int, _ node: Node, _ graph: Graph) -> Bool {
    let own = axis + graph[operand].rank - graph[node.results[0]].rank
    if own < 0 { return true }
    return graph[operand].shape[own] == 1 && graph[node.results[0]].shape[axis] > 1
  }

  private static func layer(
    _ node: Node, _ graph: Graph, _ axes: ChannelAxes
  ) -> ChannelRole {
    let (input, result) = (graph[node.operands[0]], graph[node.results[0]])
    guard axes[node.operands[0]] == input.rank - 1, axes[node.results[0]] == result.rank - 1 else {
      return .opaque
    }
    guard let depthwise = node.operation as? DepthwiseConv2D else {
      return ChannelProduct(node, graph).map { .product($0) } ?? .opaque
    }
    guard let inputs = input.channels, let outputs = result.channels, node.operands.count <= 3,
      depthwise.activation == .none,
      node.operands.dropFirst().allSatisfy({ graph.constant($0) != nil })
    else { return .opaque }
    return .depthwise(multiplier: outputs / inputs)
  }

  private static func matrixProduct(
    _ node: Node, _ graph: Graph, _ axes: ChannelAxes
  ) -> ChannelRole {
    let result = graph[node.results[0]]
    guard let axis = axes[node.results[0]], result.rank >= 2 else { return .opaque }
    if axis < result.rank - 2 {
      return leading(to: axis, node, graph, axes).map { .channelwise($0) } ?? .opaque
    }
    guard node.operands.allSatisfy({ graph.constant($0) == nil }),
      let left = axes[node.operands[0]], let right = axes[node.operands[1]]
    else { return .opaque }
    let flows = [
      AxisFlow(left, of: 0, node, graph), AxisFlow(right, of: 1, node, graph),
    ]
    if flows == [.summed, .summed] { return .paired }
    return flows[1] == .to(axis) && axis == result.rank - 1 ? .columns : .opaque
  }
}
