/// How a convolution's or product's 32-bit accumulators become stored outputs: one factor per
/// output channel (or one for all), then zero point and clamp. Interpreter and backends read the
/// same values from here, so that they agree byte for byte.
public struct Requantization: Hashable, Sendable {
  public var rounding: Rounding
  /// For `.double` and `.single`.
  public var multipliers: [FixedPointMultiplier]
  /// For `.floatEven`; as many as `multipliers`.
  public var scales: [Float]
  public var zeroPoint: Int32
  /// Bounds of the stored output: the element type's range cut by the fused activation.
  public var lowest: Int32
  public var highest: Int32

  /// - Parameters:
  ///   - factors: accumulator step over output step, per channel or one.
  ///   - output: per-tensor parameters of the output, stored as `element`.
  ///   - clamp: the fused activation's bounds in real numbers.
  public init(
    factors: [Double], output: Quantization, element: ElementType,
    clamp: (low: Float, high: Float) = (-.infinity, .infinity), rounding: Rounding
  ) {
    self.rounding = rounding
    multipliers = factors.map { FixedPointMultiplier($0) }
    scales = factors.map { Float($0) }
    zeroPoint = output.zeroPoint
    let bounds = Requantization.bounds(clamp, output, element)
    lowest = bounds.lowerBound
    highest = bounds.upperBound
  }

  /// The factors of a layer whose accumulator step is `input · weights[channel]`.
  ///
  /// ONNX computes them in float32, TFLite in float64 per channel (`kernel_util.cc`,
  /// `PopulateConvolutionQuantizationParams`).
  public static func factors(
    input: Float, weights: [Float], output: Float, _ rounding: Rounding
  ) -> [Double] {
    weights.map { weight in
      rounding == .floatEven
        ? Double(input * weight / output) : Double(input) * Double(weight) / Double(output)
    }
  }

  /// Stored bounds of an activation: each real bound quantised (ties away from zero), cut to the
  /// type. Source: TFLite `CalculateActivationRangeQuantized`.
  public static func bounds(
    _ clamp: (low: Float, high: Float), _ output: Quantization, _ element: ElementType
  ) -> ClosedRange<Int32> {
    let range = element.integerRange ?? -128...127
    func stored(_ real: Float, _ edge: Int) -> Int32 {
      guard real.isFinite else { return Int32(edge) }
      let steps = (real / output.scale).rounded(.toNearestOrAwayFromZero)
      let value = Double(steps) + Double(output.zeroPoint)
      return Int32(min(max(value, Double(range.lowerBound)), Double(range.upperBound)))
    }
    let low = stored(clamp.low, range.lowerBound)
    return low...max(low, stored(clamp.high, range.upperBound))
  }

  /// The stored output for `accumulator` of `channel`.
  @inlinable
  public func apply(_ accumulator: Int32, channel: Int) -> Int32 {
    let index = multipliers.count == 1 ? 0 : channel
    if rounding == .floatEven {
      return applyFloat(accumulator, scales[index])
    }
    let scaled = multipliers[index].apply(to: accumulator, rounding)
    return min(max(scaled &+ zeroPoint, lowest), highest)
  }

  @inlinable
  func applyFloat(_ accumulator: Int32, _ scale: Float) -> Int32 {
    let scaled = (Float(accumulator) * scale).rounded(.toNearestOrEven)
    let bounded = min(max(scaled, -2_000_000_000), 2_000_000_000)
    return min(max(Int32(bounded) &+ zeroPoint, lowest), highest)
  }
}

/// How a real number becomes a stored integer.
public enum TieRule: String, Hashable, Sendable, CaseIterable, AttributeConvertible {
  /// Ties away from zero: TFLite's `QUANTIZE`.
  case away
  /// Ties to even: ONNX's `QuantizeLinear`.
  case even
}

extension Quantization {
  /// The stored integer nearest to `real`: `round(real / scale) + zeroPoint`, cut to `element`.
  /// NaN becomes the zero point.
  public func store(
    _ real: Float, channel: Int = 0, as element: ElementType, _ ties: TieRule
  ) -> Int {
    let range = element.integerRange ?? -128...127
    let steps = (real / scales[channel])
      .rounded(ties == .even ? .toNearestOrEven : .toNearestOrAwayFromZero)
    if steps.isNaN { return Int(zeroPoints[channel]) }
    let value = Double(steps) + Double(zeroPoints[channel])
    return Int(min(max(value, Double(range.lowerBound)), Double(range.upperBound)))
  }
}

extension Tensor {
  /// This tensor's real values stored under `type`'s quantisation (its shape is this tensor's).
  public func quantized(as type: TensorType, _ ties: TieRule) -> Tensor {
    guard let quantization = type.quantization else { return converted(to: type.element) }
    let reals = floats()
    let inner = quantization.axis.map { shape.dimensions.dropFirst($0 + 1).reduce(1, *) } ?? 1
    let channels = quantization.scales.count
    let stored = reals.enumerated().map { index, real in
      quantization.store(
        real, channel: quantization.axis == nil ? 0 : index / inner % channels, as: type.element,
        ties)
    }
    return Tensor.from(integers: stored, type.element, shape)
      .reinterpreted(as: TensorType(type.element, shape, quantization))
  }
}
