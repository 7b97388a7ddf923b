import IR

// Conversions between reals and stored integers.

extension ElementType {
  /// The kernels' suffix: `s8`.
  var kernelSuffix: String {
    switch self {
    case .i8: "s8"
    case .u8: "u8"
    case .i16: "s16"
    case .i32: "s32"
    default: rawValue
    }
  }
}

extension StepBuilder {
  /// Extents and arrays of a quantisation, per tensor or along one axis.
  fileprivate mutating func quantizationFields(
    _ quantization: Quantization, _ shape: Shape
  ) -> [(String, CInitializer)] {
    let axis = quantization.axis
    let outer = axis.map { shape.dimensions[..<$0].reduce(1, *) } ?? 1
    let inner = axis.map { shape.dimensions[($0 + 1)...].reduce(1, *) } ?? shape.count
    let scales = array("scales", "float", quantization.scales.map { CLiteral.float($0) })
    let zeroPoints = array("zero_points", "int32_t", quantization.zeroPoints.map { "\($0)" })
    return [
      ("outer", .int(outer)), ("channels", .int(axis.map { shape[$0] } ?? 1)),
      ("inner", .int(inner)), ("scales", .value(scales)), ("zero_points", .value(zeroPoints)),
    ]
  }
}

func lowerQuantize(_ step: inout StepBuilder) throws {
  let op: Quantize = try step.operation()
  let y = step.resultType
  guard let quantization = y.quantization, let range = y.element.integerRange else {
    throw step.unsupported("the result has no quantisation")
  }
  var fields = step.quantizationFields(quantization, y.shape)
  fields += [
    ("ties", .value(op.ties == .even ? "EDGECC_TIES_EVEN" : "EDGECC_TIES_AWAY")),
    ("low", .int(range.lowerBound)), ("high", .int(range.upperBound)),
  ]
  step.call(
    KernelCall(
      "quantize_f32", function: "quantize_f32_" + y.element.kernelSuffix,
      parameterType: "quantize_f32_params", fields, [try step.operand(0), "y"]))
}

func lowerDequantize(_ step: inout StepBuilder) throws {
  let x = step.operandType(0)
  guard let quantization = x.quantization else {
    throw step.unsupported("the operand has no quantisation")
  }
  let fields = step.quantizationFields(quantization, x.shape)
  step.call(
    KernelCall(
      "dequantize", function: "dequantize_\(x.element.kernelSuffix)_f32",
      parameterType: "dequantize_params", fields, [try step.operand(0), "y"]))
}

func lowerRescale(_ step: inout StepBuilder) throws {
  let op: Rescale = try step.operation()
  let (x, y) = (step.operandType(0), step.resultType)
  guard let from = x.quantization else {
    throw step.unsupported("the operand has no quantisation")
  }
  try step.rescale(
    "\(x.element.kernelSuffix)_\(y.element.kernelSuffix)", count: y.shape.count, from: from,
    op.requantization(x, y))
}
