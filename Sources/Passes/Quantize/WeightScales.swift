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
}
