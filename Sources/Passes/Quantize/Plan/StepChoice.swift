import IR

// The steps that a range of real numbers is spread over.

extension Quantization {
  /// The parameters whose 256 steps span `range` and zero, with zero exact.
  ///
  /// Source: B. Jacob et al. 2018, section 2.1.
  static func asymmetric(_ range: ClosedRange<Float>) -> Quantization {
    let low = min(range.lowerBound, 0)
    let high = max(range.upperBound, 0)
    let scale = max((high - low) / 255, Float.leastNormalMagnitude)
    guard high > low else { return Quantization(scale: 1, zeroPoint: 0) }
    let zeroPoint = (-128 - low / scale).rounded(.toNearestOrEven)
    return Quantization(scale: scale, zeroPoint: Int32(min(max(zeroPoint, -128), 127)))
  }

  /// Parameters with the given step; nil where `range` does not fit into 256 of them.
  static func asymmetric(_ range: ClosedRange<Float>, step: Float) -> Quantization? {
    let low = (min(range.lowerBound, 0) / step).rounded()
    let high = (max(range.upperBound, 0) / step).rounded()
    guard high - low <= 255 else { return nil }
    return Quantization(scale: step, zeroPoint: Int32(-128 - low))
  }

  /// 16 bits, symmetric as TFLite has them.
  static func symmetric16(_ range: ClosedRange<Float>) -> Quantization {
    let limit = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    guard limit > 0, limit.isFinite else { return Quantization(scale: 1, zeroPoint: 0) }
    return Quantization(scale: max(limit / 32767, Float.leastNormalMagnitude), zeroPoint: 0)
  }
}
