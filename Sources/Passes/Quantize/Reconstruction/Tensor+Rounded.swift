import IR

extension Tensor {
  /// What is left of these real numbers once stored as `type`: `quantized` and `dequantized` in one,
  /// ties to even.
  ///
  /// - Precondition: `type` has 16 bits or fewer; the numbers are finite.
  func rounded(as type: TensorType) -> Tensor {
    guard let quantization = type.quantization, quantization.axis == nil,
      let range = type.element.integerRange, element == .f32
    else { return quantized(as: type, .even).dequantized() }
    let scale = quantization.scales[0]
    let zero = Int(quantization.zeroPoints[0])
    let (low, high) = (Float(range.lowerBound - zero), Float(range.upperBound - zero))
    // Adding 1.5 · 2²³ leaves a float no room for a fraction, so the processor rounds, ties to even.
    let shift: Float = 12_582_912
    return withElements(as: Float.self) { source in
      Tensor.make(shape) { (target: UnsafeMutableBufferPointer<Float>) in
        for index in source.indices {
          let steps = source[index] / scale
          let above = steps > low ? steps : low
          let inside = above < high ? above : high
          target[index] = ((inside + shift) - shift) * scale
        }
      }
    }
  }
}
