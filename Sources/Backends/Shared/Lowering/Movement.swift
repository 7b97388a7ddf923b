import IR

// Operations that move elements of any size.

extension StepBuilder {
  /// A strided copy from `input` to `output`, C expressions at their first elements.
  fileprivate mutating func copy(
    _ extents: [Int], from inStrides: [Int], to outStrides: [Int], _ input: String,
    _ output: String
  ) throws {
    let plain = Geometry.Walk(extents: extents, strides: [inStrides, outStrides])
    guard let walk = Geometry.merge(plain) else {
      throw unsupported("more than six axes that move apart")
    }
    let fields: [(String, CInitializer)] = [
      ("element_size", .int(resultType.element.storageSize)), ("dims", .ints(walk.extents)),
      ("in_strides", .ints(walk.strides[0])), ("out_strides", .ints(walk.strides[1])),
    ]
    call(KernelCall("copy_nd", fields, [input, output]))
  }
}

func lowerTranspose(_ step: inout StepBuilder) throws {
  let op: Transpose = try step.operation()
  let strides = step.operandType(0).shape.strides
  let y = step.resultType.shape
  try step.copy(
    y.dimensions, from: op.permutation.map { strides[$0] }, to: y.strides, try step.operand(0), "y")
}

func lowerBroadcastTo(_ step: inout StepBuilder) throws {
  let y = step.resultType.shape
  let strides = Geometry.broadcastStrides(step.operandType(0).shape, to: y)
  try step.copy(y.dimensions, from: strides, to: y.strides, try step.operand(0), "y")
}

func lowerSlice(_ step: inout StepBuilder) throws {
  let op: Slice = try step.operation()
  let strides = step.operandType(0).shape.strides
  let y = step.resultType.shape
  let first = zip(op.start, strides).reduce(0) { $0 + $1.0 * $1.1 }
  let input = try step.operand(0)
  try step.copy(
    y.dimensions, from: strides.indices.map { strides[$0] * op.step($0) }, to: y.strides,
    first == 0 ? input : "\(input) + \(first)", "y")
}

func lowerConcat(_ step: inout StepBuilder) throws {
  let op: Concat = try step.operation()
  let y = step.resultType.shape
  let axis = op.axis < 0 ? op.axis + y.rank : op.axis
  var first = 0
  for index in 0..<step.operandCount {
    let shape = step.operandType(index).shape
    let output = first == 0 ? "y" : "y + \(first * y.strides[axis])"
    try step.copy(
      shape.dimensions, from: shape.strides, to: y.strides, try step.operand(index), output)
    first += shape[axis]
  }
}

func lowerPad(_ step: inout StepBuilder) throws {
  let op: Pad = try step.operation()
  let (x, y) = (step.operandType(0), step.resultType)
  guard op.mode == .constant, (op.before + op.after).allSatisfy({ $0 >= 0 }),
    x.rank <= Geometry.rank, let type = x.element.cName
  else { throw step.unsupported("only constant padding of up to six axes") }
  let missing = Geometry.rank - x.rank
  func leading(_ filler: Int, _ values: [Int]) -> CInitializer {
    .ints([Int](repeating: filler, count: missing) + values)
  }
  let fields: [(String, CInitializer)] = [
    ("element_size", .int(x.element.storageSize)), ("in_dims", leading(1, x.shape.dimensions)),
    ("out_dims", leading(1, y.shape.dimensions)), ("before", leading(0, op.before)),
  ]
  let filler = Tensor(scalar: op.value)
  let fill =
    x.quantization.map {
      let parameters = Quantization(scale: $0.scale, zeroPoint: $0.zeroPoint)
      return filler.quantized(as: TensorType(x.element, .scalar, parameters), .away)
    } ?? filler.converted(to: x.element)
  let value =
    x.element == .f32 ? CLiteral.float(fill.floats()[0]) : CLiteral.integer(fill.integers()[0])
  step.call(
    KernelCall("pad", fields, [try step.operand(0), "&(const \(type)){\(value)}", "y"]))
}

func lowerGather(_ step: inout StepBuilder) throws {
  let op: Gather = try step.operation()
  let (x, indices) = (step.operandType(0), step.operandType(1))
  let axis = op.axis < 0 ? op.axis + x.rank : op.axis
  let fields: [(String, CInitializer)] = [
    ("element_size", .int(x.element.storageSize)),
    ("outer", .int(x.shape.dimensions[..<axis].reduce(1, *))), ("axis", .int(x.shape[axis])),
    ("inner", .int(x.shape.dimensions[(axis + 1)...].reduce(1, *))),
    ("count", .int(indices.shape.count)),
  ]
  let function = indices.element == .i64 ? "gather_s64" : "gather_s32"
  step.call(
    KernelCall(
      "gather", function: function, parameterType: "gather_params", fields,
      [try step.operand(0), try step.operand(1, role: "indices"), "y"]))
}
