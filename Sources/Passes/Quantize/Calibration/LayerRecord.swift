import IR

/// A layer's rounding as a record keeps it, and back.
enum LayerRecord {
  /// - Parameter weights: the layer's, in float; nil where they are no constant.
  static func record(
    _ layer: LayerwiseQuantizer.Layer, of weights: Tensor, axis: Int, label: String
  ) -> CalibrationRecord.Layer {
    let nearest = nearest(weights, axis: axis).integers()
    let roundings = zip(layer.weights.integers(), nearest).map { $0 - $1 }
    return CalibrationRecord.Layer(
      value: label, roundings: roundings, bias: layer.bias?.floats())
  }

  /// - Throws: a `Diagnostic` where the record is of another layer.
  static func layer(
    _ record: CalibrationRecord.Layer, of weights: Tensor, axis: Int
  ) throws -> LayerwiseQuantizer.Layer {
    let nearest = nearest(weights, axis: axis)
    guard record.roundings.count == nearest.count else {
      throw Diagnostic.error(
        "the saved calibration has \(record.roundings.count) roundings for layer '\(record.value)', "
          + "which has \(nearest.count) weights", help: ["calibrate again with samples"])
    }
    let stored = zip(nearest.integers(), record.roundings).map { min(max($0 + $1, -127), 127) }
    return LayerwiseQuantizer.Layer(
      weights: Tensor.from(integers: stored, .i8, weights.shape).reinterpreted(as: nearest.type),
      bias: record.bias.map { Tensor([$0.count], $0) })
  }

  private static func nearest(_ weights: Tensor, axis: Int) -> Tensor {
    let quantization = WeightScales.symmetric(weights, axis: axis)
    return weights.quantized(as: TensorType(.i8, weights.shape, quantization), .even)
  }
}
