import IR

// Element-wise operations.

extension StepBuilder {
  /// The walk of operands 0 and 1 as `edgecc_broadcast`.
  func broadcastShape() throws -> CInitializer {
    let (a, b, y) = (operandType(0).shape, operandType(1).shape, resultType.shape)
    guard let walk = Geometry.broadcast(a, b, to: y) else {
      throw unsupported("more than six axes of broadcasting")
    }
    return .fields([
      CField("dims", .ints(walk.extents)),
      CField("a_strides", .ints(walk.strides[0])),
      CField("b_strides", .ints(walk.strides[1])),
    ])
  }

  mutating func binaryArguments() throws -> [String] {
    [try operand(0, role: "a"), try operand(1, role: "b"), "y"]
  }

  mutating func floatBinary(_ name: String, _ minimum: Float, _ maximum: Float) throws {
    let fields: [(String, CInitializer)] = [
      ("shape", try broadcastShape()), ("activation", activation(minimum, maximum)),
    ]
    call(KernelCall(name + "_f32", fields, try binaryArguments()))
  }

  /// `add` or `sub`, of 8 or 16 bits.
  mutating func integerSum(_ name: String, _ form: QuantizedSum) throws {
    let fields: [(String, CInitializer)] = [
      ("shape", try broadcastShape()),
      ("a_zero_point", .int(form.firstZeroPoint)), ("b_zero_point", .int(form.secondZeroPoint)),
      ("out_zero_point", .int(form.output.zeroPoint)),
      ("left_shift", .int(form.leftShift)),
      ("act_min", .int(form.output.lowest)), ("act_max", .int(form.output.highest)),
      ("rounding", .value(form.output.rounding.cName)),
      ("a_factor", form.first.initializer), ("b_factor", form.second.initializer),
      ("out_factor", form.output.tensorFactor),
    ]
    call(
      KernelCall("\(name)_\(resultType.element.kernelSuffix)", fields, try binaryArguments()))
  }
}

func lowerAdd(_ step: inout StepBuilder) throws {
  let op: Add = try step.operation()
  let (a, b, y) = (step.operandType(0), step.operandType(1), step.resultType)
  guard y.isQuantized else { return try step.floatBinary("add", op.minimum, op.maximum) }
  try step.integerSum("add", op.quantizedForm(a, b, y))
}

func lowerSubtract(_ step: inout StepBuilder) throws {
  let op: Subtract = try step.operation()
  let (a, b, y) = (step.operandType(0), step.operandType(1), step.resultType)
  guard y.isQuantized else { return try step.floatBinary("sub", op.minimum, op.maximum) }
  try step.integerSum("sub", op.quantizedForm(a, b, y))
}

func lowerMultiply(_ step: inout StepBuilder) throws {
  let op: Multiply = try step.operation()
  let (a, b, y) = (step.operandType(0), step.operandType(1), step.resultType)
  guard y.isQuantized else { return try step.floatBinary("mul", op.minimum, op.maximum) }
  let form = op.quantizedForm(a, b, y)
  let fields: [(String, CInitializer)] = [
    ("shape", try step.broadcastShape()),
    ("a_zero_point", .int(form.firstZeroPoint)), ("b_zero_point", .int(form.secondZeroPoint)),
    ("out_zero_point", .int(form.output.zeroPoint)),
    ("act_min", .int(form.output.lowest)), ("act_max", .int(form.output.highest)),
    ("rounding", .value(form.output.rounding.cName)), ("factor", form.output.tensorFactor),
  ]
  step.call(
    KernelCall("mul_" + y.element.kernelSuffix, fields, try step.binaryArguments()))
}

/// Binary operations that have a float kernel only.
func lowerFloatBinary(_ kernel: String) -> Lowering {
  { step in try step.floatBinary(kernel, -.infinity, .infinity) }
}

/// The larger or smaller of two, as floats or as stored integers of one quantisation.
func lowerExtremumOfTwo(_ kernel: String) -> Lowering {
  { step in
    guard step.resultType.isQuantized else {
      return try step.floatBinary(kernel, -.infinity, .infinity)
    }
    let shape = step.inlineParameters("edgecc_broadcast", try step.broadcastShape())
    let name = "\(kernel)_\(step.resultType.element.kernelSuffix)"
    step.call(KernelCall(name, nil, [shape] + (try step.binaryArguments())))
  }
}

/// One float function of one value; on int8 the table of its results.
func lowerUnary(
  _ kernel: String, _ extra: @escaping @Sendable (any Operation) -> [String] = { _ in [] }
) -> Lowering {
  { step in
    if step.operandType(0).element == .i16 { return try lowerWideFunction(&step) }
    if step.operandType(0).isQuantized { return try lowerToTable(&step) }
    let count = CLiteral.integer(step.resultType.shape.count)
    let arguments = [count] + extra(step.view.node.operation) + [try step.operand(0), "y"]
    step.call(KernelCall(kernel + "_f32", nil, arguments))
  }
}

/// A function of one 16-bit value by its samples.
private func lowerWideFunction(_ step: inout StepBuilder) throws {
  let (x, y) = (step.operandType(0), step.resultType)
  let count = CLiteral.integer(y.shape.count)
  switch WideFunction(step.view.node.operation, input: x, output: y) {
  case .interpolated(let form):
    let table = step.array("table", "int16_t", form.entries.map { "\($0)" })
    step.call(KernelCall("lookup_s16", nil, [count, table, try step.operand(0), "y"]))
  case .logistic(let form):
    let table = step.array("table", "uint16_t", form.entries.map { "\($0)" })
    let fields: [(String, CInitializer)] = [
      ("multiplier", .int(form.multiplier)), ("shift", .int(form.shift)),
      ("hyperbolic", .int(form.function == .tanh ? 1 : 0)), ("table", .value(table)),
    ]
    step.call(KernelCall("sigmoid_s16", fields, [count, try step.operand(0), "y"]))
  case nil: throw step.unsupported("it has no form for 16-bit integers")
  }
}

/// The reference evaluation of all 256 stored values makes the table.
private func lowerToTable(_ step: inout StepBuilder) throws {
  let (x, y) = (step.operandType(0), step.resultType)
  let stored = Tensor.make(TensorType(.i8, [256], x.quantization)) {
    (out: UnsafeMutableBufferPointer<Int8>) in
    for index in 0..<256 { out[index] = Int8(truncatingIfNeeded: index - 128) }
  }
  let context = EvaluationContext(resultTypes: [y.with(shape: [256])])
  let results = try step.view.node.operation.evaluate([stored], context)[0].integers()
  let table = step.array("table", "int8_t", results.map { "\($0)" })
  let count = CLiteral.integer(y.shape.count)
  step.call(KernelCall("table_s8", nil, [count, table, try step.operand(0), "y"]))
}

func lowerTable(_ step: inout StepBuilder) throws {
  let count = CLiteral.integer(step.resultType.shape.count)
  let table = try step.operand(1, role: "table")
  step.call(KernelCall("table_s8", nil, [count, table, try step.operand(0), "y"]))
}

func lowerClamp(_ step: inout StepBuilder) throws {
  let op: Clamp = try step.operation()
  let (x, y) = (step.operandType(0), step.resultType)
  let count = CLiteral.integer(y.shape.count)
  guard let from = x.quantization, let to = y.quantization else {
    let bounds = step.inlineParameters("edgecc_activation_f32", activation(op.minimum, op.maximum))
    step.call(KernelCall("clamp_f32", nil, [bounds, count, try step.operand(0), "y"]))
    return
  }
  let form = op.requantization(x, y)
  if from == to {
    let bounds = ["\(form.lowest)", "\(form.highest)"]
    let name = "clamp_" + y.element.kernelSuffix
    step.call(KernelCall(name, nil, [count] + bounds + [try step.operand(0), "y"]))
  } else {
    let suffix = y.element.kernelSuffix
    try step.rescale("\(suffix)_\(suffix)", count: y.shape.count, from: from, form)
  }
}

extension StepBuilder {
  /// `&(const TYPE){…}`.
  func inlineParameters(_ type: String, _ value: CInitializer) -> String {
    "&(const \(type))\(value.inline)"
  }

  mutating func rescale(
    _ types: String, count: Int, from: Quantization, _ form: Requantization
  ) throws {
    let fields: [(String, CInitializer)] = [
      ("outer", .int(1)), ("channels", .int(1)), ("inner", .int(count)),
      ("in_zero_point", .int(from.zeroPoint)), ("out_zero_point", .int(form.zeroPoint)),
      ("low", .int(form.lowest)), ("high", .int(form.highest)), ("requant", requant(form)),
    ]
    call(
      KernelCall(
        "rescale", function: "rescale_" + types, parameterType: "rescale_params", fields,
        [try operand(0), "y"]))
  }
}
