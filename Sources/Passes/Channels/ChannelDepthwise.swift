import IR

/// A depthwise convolution with constant weights: what its channels may be.
struct ChannelDepthwise {
  private let conv: DepthwiseConv2D
  private let weights: Tensor
  private let bias: Tensor?
  private let input: TensorType
  private let result: TensorType

  init?(_ node: Node, _ graph: Graph) {
    guard let conv = node.operation as? DepthwiseConv2D,
      let weights = graph.constant(node.operands[1]), weights.count <= 1 << 22
    else { return nil }
    self.conv = conv
    self.weights = weights
    bias = node.operands.count > 2 ? graph.constant(node.operands[2]) : nil
    (input, result) = (graph[node.operands[0]], graph[node.results[0]])
  }

  /// As a product of one channel each.
  func results(_ x: [ChannelRange], _ multiplier: Int) -> [ChannelRange]? {
    let outputs = x.count * multiplier
    let taps = weights.shape[1] * weights.shape[2]
    let stored = weights.doubles()
    let biases = bias?.doubles()
    let zero = Double(input.quantization?.zeroPoint ?? 0)
    let isPadded = conv.pad.contains { $0 > 0 }
    let zeroPoints = weights.type.quantization?.zeroPoints ?? [0]
    guard !result.isQuantized || [.i8, .u8].contains(result.element) else { return nil }
    var sums: [ChannelSum] = []
    for output in 0..<outputs {
      let weightZero = Double(zeroPoints[zeroPoints.count == 1 ? 0 : output])
      var sum = ChannelSum(biases?[output] ?? 0)
      for tap in 0..<taps {
        let weight = stored[tap * outputs + output] - weightZero
        sum.add(weight, x[output / multiplier], zero: zero, isPadded: isPadded)
      }
      sums.append(sum)
    }
    let form = ChannelSums(
      input: input, weights: weights.type, result: result, bounds: (conv.minimum, conv.maximum),
      rounding: conv.rounding)
    return form.results(sums)
  }
}
