/// What `conv2d` and `depthwise_conv2d` share: operands `(input, weights[, bias])`, a window, a
/// fused clamp, and how their sums become results.
///
/// Types: float input and weights of one type; or input `i8`/`u8`/`i16` per tensor, weights `i8`
/// (`u8`) per tensor or per output channel, bias `i32` (`i64` for `i16`) in steps of
/// input · weight scale, and a quantised result.
protocol ConvolutionLike: Operation {
  var stride: [Int] { get }
  var pad: [Int] { get }
  var dilation: [Int] { get }
  /// The fused activation's bounds in real numbers.
  var minimum: Float { get }
  var maximum: Float { get }
  var rounding: Rounding { get }
  /// The axis of the weights that counts output channels.
  static var weightChannelAxis: Int { get }
  func outputChannels(input: TensorType, weights: TensorType) throws -> Int
  func sums<T: PanelScalar>(
    _ input: Shape, _ weights: Shape, _ output: Shape, _ x: UnsafePointer<T>,
    _ w: UnsafePointer<T>, _ store: (Int, Int, T) -> Void)
}

extension ConvolutionLike {
  public static var arity: Arity { Arity(2...3) }

  func window(weights: Shape) -> Window {
    Window(kernel: [weights[1], weights[2]], stride: stride, dilation: dilation, pad: pad)
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (input, weights) = (operands[0], operands[1])
    guard input.rank == 4, weights.rank == 4, weights.shape.isStatic else {
      throw OperationError(
        "'\(Self.mnemonic)' needs an NHWC input and weights of known shape, not \(input), \(weights)")
    }
    let channels = try outputChannels(input: input, weights: weights)
    let window = window(weights: weights.shape)
    try window.validate()
    if operands.count == 3, operands[2].shape != [channels] {
      throw OperationError("'\(Self.mnemonic)' needs a bias of \(channels), not \(operands[2])")
    }
    let shape: Shape = [
      input.shape[0], try window.outputExtent(input.shape[1], axis: 0),
      try window.outputExtent(input.shape[2], axis: 1), channels,
    ]
    return [try productType(operands, shape, weightAxis: Self.weightChannelAxis)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let declared = OperandTypes(
      operands.map(\.type), resultQuantization: context.resultTypes.map(\.quantization))
    let type = try infer(declared)[0]
    let product = ProductEvaluation(
      operands: operands, result: type, clamp: (minimum, maximum), rounding: rounding)
    let (x, w) = (operands[0].shape, operands[1].shape)
    return [
      product.run { (input: UnsafePointer<Float>, weights, store) in
        sums(x, w, type.shape, input, weights, store)
      } double: { (input: UnsafePointer<Double>, weights, store) in
        sums(x, w, type.shape, input, weights, store)
      } integer: { (input: UnsafePointer<Int32>, weights, store) in
        sums(x, w, type.shape, input, weights, store)
      } wide: { (input: UnsafePointer<Int64>, weights, store) in
        sums(x, w, type.shape, input, weights, store)
      }
    ]
  }

}
