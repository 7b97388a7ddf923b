import IR

// What a float layer does with its sums besides bias and clamp. Convolutions and products add the
// residual themselves; all else is further kernels that work in place on the layer's result.

extension StepBuilder {
  /// The residual as an argument, null where there is none.
  mutating func residual() throws -> String {
    operandCount > 3 ? try operand(3, role: "residual") : "0"
  }

  /// The clamp that the layer's own kernel applies: none where something else follows its sums.
  ///
  /// - Parameter addsResidual: whether that kernel adds the residual too.
  func layerActivation(
    _ op: some LayerWithEpilogue, addsResidual: Bool = true
  ) -> CInitializer {
    let isLast = op.activation == .none && (addsResidual || operandCount <= 3)
    return isLast ? activation(op.minimum, op.maximum) : activation(-.infinity, .infinity)
  }

  /// Adds the calls that follow a layer's kernel that knows no residual, in place on `y`.
  mutating func finishLayer(_ op: some LayerWithEpilogue) throws {
    if operandCount > 3 { try addResidual(op) }
    applyActivation(op)
  }

  /// Adds the calls for the activation and the clamp behind it, in place on `y`.
  mutating func applyActivation(_ op: some LayerWithEpilogue) {
    guard op.activation != .none else { return }
    let count = CLiteral.integer(resultType.shape.count)
    let (kernel, extra) = activationKernel(op)
    call(KernelCall(kernel, nil, [count] + extra + ["y", "y"]))
    guard op.hasClamp else { return }
    let bounds = inlineParameters("edgecc_activation_f32", activation(op.minimum, op.maximum))
    call(KernelCall("clamp_f32", nil, [bounds, count, "y", "y"]))
  }

  /// The sum with the residual; the clamp goes with it unless an activation comes first.
  private mutating func addResidual(_ op: some LayerWithEpilogue) throws {
    let y = resultType.shape
    guard let walk = Geometry.broadcast(y, y, to: y) else {
      throw unsupported("more than six axes")
    }
    let shape = CInitializer.fields([
      CField("dims", .ints(walk.extents)), CField("a_strides", .ints(walk.strides[0])),
      CField("b_strides", .ints(walk.strides[1])),
    ])
    let bounds =
      op.activation == .none
      ? activation(op.minimum, op.maximum) : activation(-.infinity, .infinity)
    let fields: [(String, CInitializer)] = [("shape", shape), ("activation", bounds)]
    call(KernelCall("add_f32", fields, ["y", try operand(3, role: "residual"), "y"]))
  }

  private func activationKernel(_ op: some LayerWithEpilogue) -> (String, [String]) {
    switch op.activation {
    case .none: ("clamp_f32", [])
    case .sigmoid: ("sigmoid_f32", [])
    case .tanh: ("tanh_f32", [])
    case .silu: ("silu_f32", [])
    case .hardSwish: ("hard_swish_f32", [])
    case .gelu: ("gelu_f32", ["0"])
    case .approximateGelu: ("gelu_f32", ["1"])
    case .leakyRelu: ("leaky_relu_f32", [CLiteral.float(op.alpha)])
    }
  }
}
