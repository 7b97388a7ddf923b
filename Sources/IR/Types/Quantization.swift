/// How stored integers stand for real numbers: `real = scale · (stored − zeroPoint)`, for the whole
/// tensor or per index of one axis.
///
/// Source: TFLite's 8-bit quantization specification; ONNX `DequantizeLinear`.
public struct Quantization: Hashable, Sendable {
  /// One scale, or one per index of `axis`. All positive and finite.
  public var scales: [Float]
  /// As many as `scales`.
  public var zeroPoints: [Int32]
  /// The axis that the parameters run along; nil for one pair for all.
  public var axis: Int?

  public init(scale: Float, zeroPoint: Int32 = 0) {
    scales = [scale]
    zeroPoints = [zeroPoint]
    axis = nil
  }

  /// - Requires: as many zero points as scales.
  public init(scales: [Float], zeroPoints: [Int32], axis: Int?) {
    precondition(scales.count == zeroPoints.count, "one zero point per scale")
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.axis = axis
  }

  public var isPerAxis: Bool { axis != nil }
  /// The scale of a per-tensor quantisation (the first one otherwise).
  public var scale: Float { scales[0] }
  /// The zero point of a per-tensor quantisation (the first one otherwise).
  public var zeroPoint: Int32 { zeroPoints[0] }
}
