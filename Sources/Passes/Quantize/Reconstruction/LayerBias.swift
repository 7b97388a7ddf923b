import IR

/// Sums over a layer's results, channels last.
enum LayerBias {
  /// By how much the second of each pair is below the first, in the mean of each channel.
  static func meanDifference(_ pairs: [(Tensor, Tensor)], _ channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    var rows = 0
    for (wanted, found) in pairs {
      let (a, b) = (wanted.floats(), found.floats())
      for index in a.indices { sums[index % channels] += Double(a[index] - b[index]) }
      rows += a.count / max(channels, 1)
    }
    return sums.map { $0 / Double(max(rows, 1)) }
  }

  /// The layer's bias and `shift`, which has one number per channel; nil where it is not constant.
  static func shifted(_ node: Node, _ graph: Graph, _ shift: [Double]) -> Tensor? {
    var bias = shift
    if node.operands.count > 2 {
      guard let old = graph.constant(node.operands[2]) else { return nil }
      for (index, value) in old.doubles().enumerated() { bias[index] += value }
    }
    return Tensor.from(doubles: bias, .f32, [bias.count])
  }

  /// `tensor` plus `shift` per channel, within `bounds`.
  static func clamped(
    _ tensor: Tensor, _ shift: [Double]?, _ bounds: (low: Float, high: Float)
  ) -> Tensor {
    let channels = tensor.shape.dimensions.last ?? 1
    var elements = tensor.floats()
    let moves = shift?.map { Float($0) }
    for index in elements.indices {
      let moved = elements[index] + (moves?[index % channels] ?? 0)
      elements[index] = min(max(moved, bounds.low), bounds.high)
    }
    return Tensor(tensor.shape, elements)
  }
}
