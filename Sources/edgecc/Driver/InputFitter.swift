import IR

/// Brings a tensor to the element type of an input, where no meaning is lost.
struct InputFitter: Sendable {
  let port: Interface.Port

  /// `tensor` in the input's element type. Floats convert to floats, integers to integers that hold
  /// them, and floats to a quantised input by its scale and zero point, as a device would do.
  ///
  /// - Throws: a `Diagnostic` for every other pair of types.
  func converted(_ tensor: Tensor, _ notes: inout [String]) throws -> Tensor {
    let wanted = port.type.element
    if tensor.element == wanted { return tensor }
    if tensor.element.isFloat && wanted.isFloat { return tensor.converted(to: wanted) }
    if tensor.element.isFloat, let quantization = port.type.quantization, !quantization.isPerAxis {
      notes.append(
        "the data for '\(port.name)' is \(tensor.element.rawValue): it was quantised with scale "
          + "\(quantization.scale) and zero point \(quantization.zeroPoint), as the input has them")
      return InputFitter.quantized(tensor, wanted, quantization)
    }
    if tensor.element.isInteger && wanted.isInteger {
      let converted = tensor.converted(to: wanted)
      if converted.integers() == tensor.integers() { return converted }
      throw Diagnostic.error(
        "values of the \(tensor.element.rawValue) array do not fit input '\(port.name)', which is "
          + wanted.rawValue)
    }
    throw Diagnostic.error(
      "an array of \(tensor.element.rawValue) does not fit input '\(port.name)', which is "
        + port.type.description,
      help: ["convert and scale the data as the model was trained with it"])
  }

  /// A tensor given for one inference: element type and shape fitted, a missing batch of 1 added.
  func fitted(_ tensor: Tensor, _ notes: inout [String]) throws -> Tensor {
    var shape = tensor.shape
    if !port.type.shape.isCompatible(with: shape) {
      shape = Shape([1] + shape.dimensions)
      guard port.type.shape.isCompatible(with: shape) else {
        throw Diagnostic.error(
          "an array of shape [\(tensor.shape)] does not fit input '\(port.name)', which is "
            + port.type.description)
      }
    }
    let converted = try converted(tensor, &notes)
    return converted.reinterpreted(as: port.type.with(shape: shape))
  }

  /// `clamp(round(x / scale) + zeroPoint)`, ties to even, NaN to the zero point.
  private static func quantized(
    _ tensor: Tensor, _ element: ElementType, _ quantization: Quantization
  ) -> Tensor {
    let range = element.integerRange ?? -128...127
    let values: [Int] = tensor.floats().map { value in
      let scaled = (value / quantization.scale).rounded(.toNearestOrEven)
      if scaled.isNaN { return Int(quantization.zeroPoint) }
      let bounded = min(max(scaled, -1e9), 1e9)
      return min(
        max(Int(bounded) + Int(quantization.zeroPoint), range.lowerBound), range.upperBound)
    }
    return Tensor.from(integers: values, element, tensor.shape)
  }
}
