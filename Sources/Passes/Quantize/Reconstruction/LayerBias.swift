import IR

/// Sums over a layer's results, channels last.
enum LayerBias {
  /// By how much the second of each pair is below the first, in the mean of each channel.
  static func meanDifference(_ pairs: [(Tensor, Tensor)], _ channels: Int) throws -> [Double] {
    let parts = try concurrentMap(pairs.count) { difference(pairs[$0].0, pairs[$0].1, channels) }
    var sums = [Double](repeating: 0, count: channels)
    for part in parts {
      for channel in 0..<channels { sums[channel] += part[channel] }
    }
    let rows = pairs.reduce(0) { $0 + $1.0.count / max(channels, 1) }
    return sums.map { $0 / Double(max(rows, 1)) }
  }

  private static func difference(_ wanted: Tensor, _ found: Tensor, _ channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    wanted.withElements(as: Float.self) { a in
      found.withElements(as: Float.self) { b in
        for row in stride(from: 0, to: a.count, by: max(channels, 1)) {
          for channel in 0..<channels {
            sums[channel] += Double(a[row + channel] - b[row + channel])
          }
        }
      }
    }
    return sums
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
    let moves = shift?.map { Float($0) } ?? [Float](repeating: 0, count: channels)
    var elements = tensor.floats()
    elements.withUnsafeMutableBufferPointer { elements in
      for row in stride(from: 0, to: elements.count, by: max(channels, 1)) {
        for channel in 0..<channels {
          let moved = elements[row + channel] + moves[channel]
          elements[row + channel] = min(max(moved, bounds.low), bounds.high)
        }
      }
    }
    return Tensor(tensor.shape, elements)
  }
}
