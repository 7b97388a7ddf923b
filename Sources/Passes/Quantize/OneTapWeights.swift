import IR

/// Integers for layers with one weight per channel, as batch normalisation between `dequantize` and
/// `quantize` is: the scale carries the whole weight, so every integer k but 0 holds it exactly.
///
/// The bias is stored in steps of input scale · |w| / k, and k is chosen so that it is least off. A
/// fixed k of 127 would be off by up to 1/254 of a step of the result, which changes one rounding in
/// a few hundred; the best of 127 is some hundred times nearer.
struct OneTapWeights {
  let inputScale: Float

  private static let largest: Int = 127

  /// `weights`, one per index of `axis`, in 8 bits, fit for `biases`.
  func stored(_ weights: Tensor, _ biases: [Double], axis: Int) -> Tensor {
    var scales: [Float] = []
    var integers: [Int] = []
    for (weight, bias) in zip(weights.floats(), biases) {
      let (integer, scale) = best(weight, bias)
      integers.append(integer)
      scales.append(scale)
    }
    let quantization = Quantization(
      scales: scales, zeroPoints: [Int32](repeating: 0, count: scales.count), axis: axis)
    return Tensor.from(integers: integers, .i8, weights.shape)
      .reinterpreted(as: TensorType(.i8, weights.shape, quantization))
  }

  private func best(_ weight: Float, _ bias: Double) -> (integer: Int, scale: Float) {
    let magnitude = weight.magnitude
    guard magnitude >= Float.leastNormalMagnitude * 128 else { return (0, scale(for: bias)) }
    var least = Double.infinity
    var choice = OneTapWeights.largest
    // From the largest on, so that equals keep the finest steps.
    for candidate in stride(from: OneTapWeights.largest, through: 1, by: -1) {
      let error = error(bias, magnitude / Float(candidate))
      if error < least { (least, choice) = (error, candidate) }
    }
    return (weight < 0 ? -choice : choice, magnitude / Float(choice))
  }

  /// For a channel that is nothing but its bias: a million steps are as good as float.
  private func scale(for bias: Double) -> Float {
    let step = Float(bias.magnitude / 1_048_576) / inputScale
    return step.isNormal ? step : 1
  }

  /// By how much the stored bias misses `bias`.
  private func error(_ bias: Double, _ scale: Float) -> Double {
    let step = Double(inputScale * scale)
    let stored = (bias / step).rounded(.toNearestOrEven)
    guard step > 0, stored.magnitude <= 2_147_483_647 else { return .infinity }
    return (stored * step - bias).magnitude
  }
}
