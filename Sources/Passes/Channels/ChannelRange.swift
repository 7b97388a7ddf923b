import IR

/// What the elements of one channel may be: stored integers of a quantised value, else numbers.
struct ChannelRange: Hashable, Sendable {
  var low: Double
  var high: Double

  init(_ low: Double, _ high: Double) {
    self.low = low
    self.high = high
  }

  /// Whatever `type` can hold.
  init(all type: TensorType) {
    guard type.isQuantized, let range = type.element.integerRange else {
      self.init(-.infinity, .infinity)
      return
    }
    self.init(Double(range.lowerBound), Double(range.upperBound))
  }

  /// The one value of a channel that is constant for every input.
  var constant: Double? { low == high && low.isFinite ? low : nil }

  func joined(with other: ChannelRange) -> ChannelRange {
    ChannelRange(min(low, other.low), max(high, other.high))
  }
}

extension TensorType {
  /// The extent of the last axis, which is the channels'; nil where it is unknown or there is none.
  var channels: Int? {
    guard let last = shape.dimensions.last, last > 0 else { return nil }
    return last
  }
}

/// How operations treat the channels of what they read.
enum ChannelRole {
  /// A convolution or product of all channels with constant weights.
  case product(ChannelProduct)
  /// Result channel c·m + k comes from operand channel c.
  case depthwise(multiplier: Int)
  /// Result channel c comes from channel c of the operands that have as many.
  case channelwise
  /// The operands' channels one behind another.
  case concatenation
  /// Result channel j comes from channel j mod c of the operand's c, or the other way round.
  case reshape
  /// Channels mix in ways that are not followed.
  case opaque

  init(_ node: Node, _ graph: Graph) {
    self = ChannelRole.role(node, graph)
  }

  private static func role(_ node: Node, _ graph: Graph) -> ChannelRole {
    guard node.regions.isEmpty, node.results.count == 1, node.block == graph.entry,
      let result = graph[node.results[0]].channels
    else { return .opaque }
    let rank = graph[node.results[0]].rank
    switch node.operation {
    case is Conv2D, is FullyConnected:
      return ChannelProduct(node, graph).map { .product($0) } ?? .opaque
    case is DepthwiseConv2D: return depthwise(node, graph)
    case let concat as Concat:
      return concat.axis == -1 || concat.axis == rank - 1 ? .concatenation : .channelwise
    case is Reshape: return reshape(node, graph)
    case let transpose as Transpose:
      return transpose.permutation.last == rank - 1 ? .channelwise : .opaque
    case let slice as Slice:
      let isWhole = slice.start[rank - 1] == 0 && slice.step(rank - 1) == 1
      return isWhole && graph[node.operands[0]].channels == result ? .channelwise : .opaque
    case let pad as Pad:
      return pad.before[rank - 1] == 0 && pad.after[rank - 1] == 0 ? .channelwise : .opaque
    case is BroadcastTo: return graph[node.operands[0]].channels == result ? .channelwise : .opaque
    case let reduce as ReduceMean: return reduction(reduce.axes, node, graph)
    case let reduce as ReduceSum: return reduction(reduce.axes, node, graph)
    case let reduce as ReduceMax: return reduction(reduce.axes, node, graph)
    case let reduce as ReduceMin: return reduction(reduce.axes, node, graph)
    case is Add, is Subtract, is Multiply, is Divide, is Maximum, is Minimum,
      is SquaredDifference, is Prelu, is Quantize, is Dequantize, is Rescale, is Table, is Cast,
      is MaxPool2D, is AveragePool2D, is ResizeBilinear, is any PointwiseFunction:
      let isFlat = node.operands.allSatisfy { graph[$0].quantization?.axis == nil }
      return isFlat && graph[node.results[0]].quantization?.axis == nil ? .channelwise : .opaque
    default: return .opaque
    }
  }

  private static func depthwise(_ node: Node, _ graph: Graph) -> ChannelRole {
    let (input, result) = (graph[node.operands[0]], graph[node.results[0]])
    guard let inputs = input.channels, let outputs = result.channels, node.operands.count <= 3,
      (node.operation as? DepthwiseConv2D)?.activation == Activation.none,
      node.operands.dropFirst().allSatisfy({ graph.constant($0) != nil })
    else { return .opaque }
    return .depthwise(multiplier: outputs / inputs)
  }

  private static func reduction(_ axes: [Int], _ node: Node, _ graph: Graph) -> ChannelRole {
    let rank = graph[node.operands[0]].rank
    return axes.contains(-1) || axes.contains(rank - 1) ? .opaque : .channelwise
  }

  private static func reshape(_ node: Node, _ graph: Graph) -> ChannelRole {
    let (input, result) = (graph[node.operands[0]], graph[node.results[0]])
    guard input.shape.isStatic, result.shape.isStatic, input.quantization?.axis == nil,
      let c = input.channels, let d = result.channels, c % d == 0 || d % c == 0
    else { return .opaque }
    return .reshape
  }
}
