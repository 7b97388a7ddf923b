import IR

/// How weights are spread over 8 bits.
enum WeightScales {
  /// Zero point 0 and the largest magnitude of each channel at 127. Cutting weights off costs more
  /// than the finer step saves at 8 bits.
  static func symmetric(_ weights: Tensor, axis: Int) -> Quantization {
    let inner = weights.shape.dimensions[(axis + 1)...].reduce(1, *)
    let channels = weights.shape[axis]
    var largest = [Float](repeating: 0, count: channels)
    for (offset, weight) in weights.floats().enumerated() {
      let channel = offset / inner % channels
      largest[channel] = max(largest[channel], weight.magnitude)
    }
    // A channel of zeros is stored as zeros under any scale.
    let scales = largest.map { $0 > 0 ? max($0 / 127, Float.leastNormalMagnitude) : 1 }
    return Quantization(
      scales: scales, zeroPoints: [Int32](repeating: 0, count: channels), axis: axis)
  }

  /// Zero point 0 and, for each channel, the scale of least squared error with integers up to `limit`:
  /// with few steps, cutting off the largest weights pays.
  static func leastSquares(_ weights: Tensor, axis: Int, limit: Float) -> Quantization {
    let inner = weights.shape.dimensions[(axis + 1)...].reduce(1, *)
    let channels = weights.shape[axis]
    var members = [[Float]](repeating: [], count: channels)
    for (offset, weight) in weights.floats().enumerated() {
      members[offset / inner % channels].append(weight)
    }
    return Quantization(
      scales: members.map { bestScale($0, limit) },
      zeroPoints: [Int32](repeating: 0, count: channels), axis: axis)
  }

  private static func bestScale(_ weights: [Float], _ limit: Float) -> Float {
    let largest = weights.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else { return 1 }
    var best = (scale: Float(1), error: Double.infinity)
    for percent in stride(from: 100, through: 50, by: -2) {
      let scale = max(largest * Float(percent) / 100 / limit, Float.leastNormalMagnitude)
      var error: Double = 0
      for weight in weights {
        let steps = (weight / scale).rounded(.toNearestOrEven)
        let miss = min(max(steps, -limit), limit) * scale - weight
        error += Double(miss) * Double(miss)
      }
      if error < best.error { best = (scale, error) }
    }
    return best.scale
  }
}
