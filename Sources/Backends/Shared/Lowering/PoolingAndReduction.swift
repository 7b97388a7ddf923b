import IR

// Pooling, reductions and normalisations.

private func pool(
  _ x: Shape, _ y: Shape, _ kernel: [Int], _ stride: [Int], _ pad: [Int], dilation: [Int] = [1, 1]
) -> CInitializer {
  .fields([
    CField("batch", .int(x[0])), CField("in_height", .int(x[1])),
    CField("in_width", .int(x[2])), CField("channels", .int(x[3])),
    CField("out_height", .int(y[1])), CField("out_width", .int(y[2])),
    CField("kernel_height", .int(kernel[0])), CField("kernel_width", .int(kernel[1])),
    CField("stride_height", .int(stride[0])), CField("stride_width", .int(stride[1])),
    CField("dilation_height", .int(dilation[0])), CField("dilation_width", .int(dilation[1])),
    CField("pad_top", .int(pad[0])), CField("pad_left", .int(pad[2])),
  ])
}

func lowerAveragePool(_ step: inout StepBuilder) throws {
  let op: AveragePool2D = try step.operation()
  let (x, y) = (step.operandType(0), step.resultType)
  var fields: [(String, CInitializer)] = [
    ("pool", pool(x.shape, y.shape, op.kernel, op.stride, op.pad)),
    ("count_padding", .int(op.countPadding ? 1 : 0)),
  ]
  if let quantization = x.quantization {
    fields += [
      ("zero_point", .int(quantization.zeroPoint))
    ] + step.storedBounds
  }
  step.call(
    KernelCall("average_pool2d_" + x.element.kernelSuffix, fields, [try step.operand(0), "y"]))
}

func lowerMaxPool(_ step: inout StepBuilder) throws {
  let op: MaxPool2D = try step.operation()
  let (x, y) = (step.operandType(0), step.resultType)
  var fields: [(String, CInitializer)] = [
    ("pool", pool(x.shape, y.shape, op.kernel, op.stride, op.pad, dilation: op.dilation))
  ]
  if x.isQuantized { fields += step.storedBounds }
  step.call(
    KernelCall("max_pool2d_" + x.element.kernelSuffix, fields, [try step.operand(0), "y"]))
}

extension StepBuilder {
  /// The bounds of what the result's element type holds.
  fileprivate var storedBounds: [(String, CInitializer)] {
    let range = resultType.element.integerRange ?? -128...127
    return [("act_min", .int(range.lowerBound)), ("act_max", .int(range.upperBound))]
  }

  fileprivate func reduction(_ axes: [Int]) throws -> CInitializer {
    guard let walk = Geometry.reduction(operandType(0).shape, axes) else {
      throw unsupported("more than three separate runs of axes")
    }
    return walk
  }

  fileprivate func reducedCount(_ axes: [Int]) -> Int {
    let shape = operandType(0).shape
    return axes.map { shape[$0 < 0 ? $0 + shape.rank : $0] }.reduce(1, *)
  }

  fileprivate mutating func floatSum(_ axes: [Int], divisor: Int) throws {
    let fields: [(String, CInitializer)] = [
      ("walk", try reduction(axes)), ("divisor", .float(Float(divisor))),
    ]
    call(KernelCall("sum_f32", fields, [try operand(0), "y"]))
  }

  fileprivate mutating func integerSum(_ axes: [Int], _ form: Requantization) throws {
    let fields: [(String, CInitializer)] = [
      ("walk", try reduction(axes)),
      ("in_zero_point", .int(operandType(0).quantization?.zeroPoint ?? 0)),
      ("out_zero_point", .int(form.zeroPoint)), ("act_min", .int(form.lowest)),
      ("act_max", .int(form.highest)), ("rounding", .value(form.rounding.cName)),
      ("factor", form.tensorFactor),
    ]
    call(
      KernelCall("sum_" + operandType(0).element.kernelSuffix, fields, [try operand(0), "y"]))
  }
}

func lowerReduceMean(_ step: inout StepBuilder) throws {
  let op: ReduceMean = try step.operation()
  let (x, y) = (step.operandType(0), step.resultType)
  guard x.isQuantized else {
    return try step.floatSum(op.axes, divisor: step.reducedCount(op.axes))
  }
  try step.integerSum(op.axes, op.requantization(input: x, output: y))
}

func lowerReduceSum(_ step: inout StepBuilder) throws {
  let op: ReduceSum = try step.operation()
  try step.floatSum(op.axes, divisor: 1)
}

func lowerReduceMax(_ step: inout StepBuilder) throws {
  let op: ReduceMax = try step.operation()
  try lowerExtremum(&step, "reduce_max", op.axes)
}

func lowerReduceMin(_ step: inout StepBuilder) throws {
  let op: ReduceMin = try step.operation()
  try lowerExtremum(&step, "reduce_min", op.axes)
}

private func lowerExtremum(_ step: inout StepBuilder, _ kernel: String, _ axes: [Int]) throws {
  let suffix = "_" + step.operandType(0).element.kernelSuffix
  let walk = step.inlineParameters("edgecc_reduction", try step.reduction(axes))
  step.call(KernelCall(kernel + suffix, nil, [walk, try step.operand(0), "y"]))
}

func lowerSoftmax(_ step: inout StepBuilder) throws {
  let op: Softmax = try step.operation()
  let x = step.operandType(0)
  let axis = op.axis < 0 ? op.axis + x.rank : op.axis
  let length = x.shape[axis]
  if x.element == .i16, let quantization = x.quantization {
    return try lowerWideSoftmax(&step, op, quantization.scale, length)
  }
  if let quantization = x.quantization {
    let form = IntegerSoftmax(inputScale: quantization.scale, beta: op.beta)
    let fields: [(String, CInitializer)] = [
      ("rows", .int(x.shape.count / max(length, 1))), ("length", .int(length)),
      ("mantissa", .int(form.multiplier.mantissa)), ("left_shift", .int(form.multiplier.exponent)),
      ("diff_min", .int(form.smallestDifference)),
    ]
    step.call(KernelCall("softmax_s8", fields, [try step.operand(0), "y"]))
    return
  }
  let fields: [(String, CInitializer)] = [
    ("outer", .int(x.shape.dimensions[..<axis].reduce(1, *))), ("length", .int(length)),
    ("inner", .int(x.shape.dimensions[(axis + 1)...].reduce(1, *))), ("beta", .float(op.beta)),
  ]
  step.call(KernelCall("softmax_f32", fields, [try step.operand(0), "y"]))
}

private func lowerWideSoftmax(
  _ step: inout StepBuilder, _ op: Softmax, _ scale: Float, _ length: Int
) throws {
  let form = IntegerSoftmax16(inputScale: scale, beta: op.beta)
  let exponential = step.array(
    "exponential", "int16_t", form.exponential.entries.map { "\($0)" })
  let reciprocal = step.array("reciprocal", "int16_t", form.reciprocal.entries.map { "\($0)" })
  let fields: [(String, CInitializer)] = [
    ("rows", .int(step.resultType.shape.count / max(length, 1))), ("length", .int(length)),
    ("factor", form.multiplier.initializer), ("exponential", .value(exponential)),
    ("reciprocal", .value(reciprocal)),
  ]
  step.call(KernelCall("softmax_s16", fields, [try step.operand(0), "y"]))
}

func lowerLayerNorm(_ step: inout StepBuilder) throws {
  let op: LayerNorm = try step.operation()
  let x = step.operandType(0).shape
  let axis = op.axis < 0 ? op.axis + x.rank : op.axis
  let length = x.dimensions[axis...].reduce(1, *)
  let fields: [(String, CInitializer)] = [
    ("rows", .int(x.count / max(length, 1))), ("length", .int(length)),
    ("epsilon", .float(op.epsilon)),
  ]
  let scale = try step.operand(1, role: "scale")
  let bias = step.operandCount > 2 ? try step.operand(2, role: "bias") : "0"
  step.call(KernelCall("layer_norm_f32", fields, [try step.operand(0), scale, bias, "y"]))
}
