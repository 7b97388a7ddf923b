import IR

// Convolutions and products.

private func geometry(
  _ x: Shape, _ w: Shape, _ y: Shape, stride: [Int], dilation: [Int], pad: [Int]
) -> [(String, CInitializer)] {
  [
    ("batch", .int(x[0])), ("in_height", .int(x[1])), ("in_width", .int(x[2])),
    ("in_channels", .int(x[3])), ("out_height", .int(y[1])), ("out_width", .int(y[2])),
    ("kernel_height", .int(w[1])), ("kernel_width", .int(w[2])),
    ("stride_height", .int(stride[0])), ("stride_width", .int(stride[1])),
    ("dilation_height", .int(dilation[0])), ("dilation_width", .int(dilation[1])),
    ("pad_top", .int(pad[0])), ("pad_left", .int(pad[2])),
  ]
}

extension StepBuilder {
  /// Zero points, bounds and factors of an int8 layer of operands 0 and 1.
  mutating func integerFields(_ requantization: Requantization) -> [(String, CInitializer)] {
    [
      ("in_zero_point", .int(operandType(0).quantization?.zeroPoint ?? 0)),
      ("out_zero_point", .int(requantization.zeroPoint)),
      ("act_min", .int(requantization.lowest)), ("act_max", .int(requantization.highest)),
      ("requant", requant(requantization)),
    ]
  }

  mutating func layerRequantization(
    _ minimum: Float, _ maximum: Float, _ rounding: Rounding
  ) -> Requantization {
    Requantization(
      input: operandType(0), weights: operandType(1), output: resultType,
      clamp: (minimum, maximum), rounding: rounding)
  }

  /// `edgecc_wide` of a layer one of whose activations has 16 bits.
  mutating func wideNumbers(_ requantization: Requantization) -> CInitializer {
    let isWide = operandType(0).element == .i16
    var form = requantization
    // Sums of 16-bit inputs read the mantissas under every rounding.
    if isWide && form.rounding == .floatEven { form.rounding = .single }
    return .fields([
      CField("in_wide", .int(isWide ? 1 : 0)),
      CField("out_wide", .int(resultType.element == .i16 ? 1 : 0)),
      CField("in_zero_point", .int(operandType(0).quantization?.zeroPoint ?? 0)),
      CField("out_zero_point", .int(form.zeroPoint)),
      CField("act_min", .int(form.lowest)), CField("act_max", .int(form.highest)),
      CField("requant", requant(form)),
    ])
  }

  /// Whether an activation of the layer at hand has 16 bits.
  var isWideLayer: Bool { operandType(0).element == .i16 || resultType.element == .i16 }

  /// Calls `NAME_wide` or `NAME_s8` on the layer's operands.
  mutating func integerLayer(
    _ name: String, _ geometry: [(String, CInitializer)], _ form: Requantization
  ) throws {
    let input = try operand(0)
    let weights = try operand(1, role: "weights")
    let bias = try bias()
    guard isWideLayer else {
      let fields = geometry + integerFields(form)
      call(KernelCall(name + "_s8", fields, [input, weights, bias, "y"]))
      return
    }
    let hasWideBias = operandCount > 2 && operandType(2).element == .i64
    let fields = geometry + [("numbers", wideNumbers(form))]
    let biases = hasWideBias ? ["0", bias] : [bias, "0"]
    call(KernelCall(name + "_wide", fields, [input, weights] + biases + ["y"]))
  }

  mutating func bias() throws -> String { operandCount > 2 ? try operand(2, role: "bias") : "0" }
}

func lowerConv2D(_ step: inout StepBuilder) throws {
  let op: Conv2D = try step.operation()
  let (x, w) = (step.operandType(0), step.operandType(1))
  let image = op.inputLayout.nhwc(x.shape)
  let result = op.resultLayout.nhwc(step.resultType.shape)
  var fields = geometry(
    image, w.shape, result, stride: op.stride, dilation: op.dilation, pad: op.pad)
  fields += [("out_channels", .int(result[3])), ("groups", .int(op.groups))]
  if x.isQuantized {
    let form = step.layerRequantization(op.minimum, op.maximum, op.rounding)
    try step.integerLayer("conv2d", fields, form)
  } else {
    if op.inputLayout == .nchw { fields.append(("planar_input", .int(1))) }
    if op.resultLayout == .nchw { fields.append(("planar_output", .int(1))) }
    fields.append(("activation", step.layerActivation(op)))
    let bias = try step.bias()
    if step.hasStoredWeights {
      fields.append(("stored", step.storedFormat()))
      let arguments = [
        try step.operand(0), try step.storedWeights(), bias, try step.residual(), "y",
      ]
      step.call(KernelCall("conv2d_stored", fields, arguments))
      return step.applyActivation(op)
    }
    let weights = try step.constant(1, role: "weights", layout: "packed/\(op.groups)") {
      PackedWeights.pack($0, groups: op.groups)
    }
    let residual = try step.residual()
    step.call(
      KernelCall("conv2d_f32", fields, [try step.operand(0), weights, bias, residual, "y"]))
    step.applyActivation(op)
  }
}

func lowerDepthwiseConv2D(_ step: inout StepBuilder) throws {
  let op: DepthwiseConv2D = try step.operation()
  let (x, w, y) = (step.operandType(0), step.operandType(1), step.resultType)
  var fields = geometry(
    x.shape, w.shape, y.shape, stride: op.stride, dilation: op.dilation, pad: op.pad)
  fields.append(("channel_multiplier", .int(y.shape[3] / max(x.shape[3], 1))))
  if x.isQuantized {
    let form = step.layerRequantization(op.minimum, op.maximum, op.rounding)
    return try step.integerLayer("depthwise_conv2d", fields, form)
  }
  fields.append(("activation", step.layerActivation(op, addsResidual: false)))
  if step.hasStoredWeights {
    fields.append(("stored", step.storedFormat()))
    let arguments = [try step.operand(0), try step.storedWeights(), try step.bias(), "y"]
    step.call(KernelCall("depthwise_conv2d_stored", fields, arguments))
    return try step.finishLayer(op)
  }
  let weights = try step.operand(1, role: "weights")
  let arguments = [try step.operand(0), weights, try step.bias(), "y"]
  step.call(KernelCall("depthwise_conv2d_f32", fields, arguments))
  try step.finishLayer(op)
}

func lowerFullyConnected(_ step: inout StepBuilder) throws {
  let op: FullyConnected = try step.operation()
  let (x, w) = (step.operandType(0), step.operandType(1))
  if !x.isQuantized && step.view.constant(1) == nil {
    return try lowerComputedWeights(&step, op)
  }
  var fields: [(String, CInitializer)] = [
    ("rows", .int(x.shape[0])), ("in_features", .int(w.shape[1])),
    ("out_features", .int(w.shape[0])),
  ]
  if x.isQuantized {
    let form = step.layerRequantization(op.minimum, op.maximum, op.rounding)
    try step.integerLayer("fully_connected", fields, form)
  } else {
    let bias = try step.bias()
    fields.append(("activation", step.layerActivation(op)))
    if step.hasStoredWeights {
      fields.append(("stored", step.storedFormat()))
      let arguments = [
        try step.operand(0), try step.storedWeights(), bias, try step.residual(), "y",
      ]
      step.call(KernelCall("fully_connected_stored", fields, arguments))
      return step.applyActivation(op)
    }
    let weights = try step.constant(1, role: "weights", layout: "packed/1") {
      PackedWeights.pack($0)
    }
    let residual = try step.residual()
    step.call(
      KernelCall("fully_connected_f32", fields, [try step.operand(0), weights, bias, residual, "y"])
    )
    step.applyActivation(op)
  }
}

/// Float weights that are not constant cannot be packed: a product with their transpose, then the
/// bias and the clamp.
private func lowerComputedWeights(_ step: inout StepBuilder, _ op: FullyConnected) throws {
  let (x, w, y) = (step.operandType(0).shape, step.operandType(1).shape, step.resultType.shape)
  let fields: [(String, CInitializer)] = [
    ("batch", .ints([1, 1, 1])), ("rows", .int(x[0])), ("depth", .int(w[1])),
    ("columns", .int(w[0])), ("b_transposed", .int(1)),
  ]
  step.call(KernelCall("matmul_f32", fields, [try step.operand(0), try step.operand(1), "y"]))
  let clamp = step.layerActivation(op, addsResidual: false)
  if step.operandCount > 2, let walk = Geometry.broadcast(y, step.operandType(2).shape, to: y) {
    let shape = CInitializer.fields([
      CField("dims", .ints(walk.extents)), CField("a_strides", .ints(walk.strides[0])),
      CField("b_strides", .ints(walk.strides[1])),
    ])
    let parameters: [(String, CInitializer)] = [("shape", shape), ("activation", clamp)]
    step.call(KernelCall("add_f32", parameters, ["y", try step.operand(2, role: "bias"), "y"]))
  } else if op.activation == .none, op.hasClamp {
    let bounds = step.inlineParameters("edgecc_activation_f32", clamp)
    step.call(KernelCall("clamp_f32", nil, [bounds, CLiteral.integer(y.count), "y", "y"]))
  }
  try step.finishLayer(op)
}

/// A constant float matrix on the right becomes packed weights of a fully connected layer.
func lowerMatMul(_ step: inout StepBuilder) throws {
  let op: MatMul = try step.operation()
  let (a, b, y) = (step.operandType(0), step.operandType(1), step.resultType)
  if !a.isQuantized, b.rank == 2, step.view.constant(1) != nil {
    let packed = try step.constant(1, role: "weights", layout: "columns") {
      PackedWeights.pack(columnsOf: $0)
    }
    let fields: [(String, CInitializer)] = [
      ("rows", .int(a.shape.count / max(b.shape[0], 1))), ("in_features", .int(b.shape[0])),
      ("out_features", .int(b.shape[1])), ("activation", activation(-.infinity, .infinity)),
    ]
    let arguments = [try step.operand(0), packed, "0", "0", "y"]
    step.call(KernelCall("fully_connected_f32", fields, arguments))
    return
  }
  var fields = try matrixFields(a.shape, b.shape, step)
  let arguments = [try step.operand(0), try step.operand(1), "y"]
  guard a.isQuantized else {
    step.call(KernelCall("matmul_f32", fields, arguments))
    return
  }
  var form = Requantization(
    input: a, weights: b, output: y, clamp: (-.infinity, .infinity), rounding: op.rounding)
  // Sums of 16-bit operands read the mantissa under every rounding.
  if a.element == .i16 && form.rounding == .floatEven { form.rounding = .single }
  fields += [
    ("a_zero_point", .int(a.quantization?.zeroPoint ?? 0)),
    ("b_zero_point", .int(b.quantization?.zeroPoint ?? 0)),
    ("out_zero_point", .int(form.zeroPoint)), ("act_min", .int(form.lowest)),
    ("act_max", .int(form.highest)), ("rounding", .value(form.rounding.cName)),
    ("factor", form.tensorFactor),
  ]
  step.call(KernelCall("matmul_" + a.element.kernelSuffix, fields, arguments))
}

private func matrixFields(
  _ a: Shape, _ b: Shape, _ step: StepBuilder
) throws -> [(String, CInitializer)] {
  let left = a.rank == 1 ? Shape([1] + a.dimensions) : a
  let right = b.rank == 1 ? Shape(b.dimensions + [1]) : b
  let (leftBatch, rightBatch) = (
    Shape(Array(left.dimensions.dropLast(2))), Shape(Array(right.dimensions.dropLast(2)))
  )
  let (rows, depth) = (left[left.rank - 2], left[left.rank - 1])
  let columns = right[right.rank - 1]
  guard let batch = Shape.broadcast([leftBatch, rightBatch]),
    let walk = Geometry.broadcast(leftBatch, rightBatch, to: batch),
    walk.extents.dropLast(3).allSatisfy({ $0 == 1 })
  else { throw step.unsupported("more than three batch axes") }
  func strides(_ index: Int, _ size: Int) -> CInitializer {
    .ints(walk.strides[index].suffix(3).map { $0 * size })
  }
  return [
    ("batch", .ints(Array(walk.extents.suffix(3)))), ("a_strides", strides(0, rows * depth)),
    ("b_strides", strides(1, depth * columns)), ("rows", .int(rows)), ("depth", .int(depth)),
    ("columns", .int(columns)),
  ]
}
