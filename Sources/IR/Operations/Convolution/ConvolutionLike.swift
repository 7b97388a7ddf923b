/// What `conv2d` and `depthwise_conv2d` share: operands `(input, weights[, bias[, residual]])`, a
/// window, an epilogue, and how their sums become results.
///
/// Types: float input and weights of one type, or `f32` input and weights stored in fewer bits (`f16`;
/// `i8` or `i4` with scales as below), which the product reads as the floats they mean; or input `i8`/`u8`/`i16` per tensor, weights `i8`
/// (`u8`) per tensor or per output channel, bias `i32` (`i64` for `i16`) in steps of
/// input · weight scale, and a quantised result of the input's element type or as
/// `result_element` says.
protocol ConvolutionLike: LayerWithEpilogue {
  var stride: [Int] { get }
  var pad: [Int] { get }
  var dilation: [Int] { get }
  var rounding: Rounding { get }
  var resultElement: ResultElement { get }
  var inputLayout: ImageLayout { get }
  var resultLayout: ImageLayout { get }
  /// The axis of the weights that counts output channels.
  static var weightChannelAxis: Int { get }
  /// - Parameter input: NHWC.
  func outputChannels(input: Shape, weights: TensorType) throws -> Int
  func sums<T: PanelScalar>(
    _ input: Shape, _ weights: Shape, _ output: Shape, _ x: UnsafePointer<T>,
    _ w: UnsafePointer<T>, _ store: (Int, Int, T) -> Void)
}

extension ConvolutionLike {
  public static var arity: Arity { Arity(2...4) }
  var inputLayout: ImageLayout { .nhwc }
  var resultLayout: ImageLayout { .nhwc }

  func window(weights: Shape) -> Window {
    Window(kernel: [weights[1], weights[2]], stride: stride, dilation: dilation, pad: pad)
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (input, weights) = (operands[0], operands[1])
    guard input.rank == 4, weights.rank == 4, weights.shape.isStatic else {
      throw OperationError(
        "'\(Self.mnemonic)' needs an image and weights of known shape, not \(input), \(weights)")
    }
    let image = inputLayout.nhwc(input.shape)
    let channels = try outputChannels(input: image, weights: weights)
    let window = window(weights: weights.shape)
    try window.validate()
    if operands.count >= 3, operands[2].shape != [channels] {
      throw OperationError("'\(Self.mnemonic)' needs a bias of \(channels), not \(operands[2])")
    }
    let shape: Shape = [
      image[0], try window.outputExtent(image[1], axis: 0),
      try window.outputExtent(image[2], axis: 1), channels,
    ]
    let type = try productType(
      operands, resultLayout.arranged(shape), weightAxis: Self.weightChannelAxis, resultElement)
    try checkEpilogue(operands, type)
    guard !type.isQuantized || (inputLayout == .nhwc && resultLayout == .nhwc) else {
      throw OperationError("'\(Self.mnemonic)' takes NCHW images in float alone")
    }
    return [type]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let declared = OperandTypes(
      operands.map(\.type), resultQuantization: context.resultTypes.map(\.quantization))
    let type = try infer(declared)[0]
    let input = try inputLayout.toNHWC?.applied(to: operands[0]) ?? operands[0]
    let image = type.with(shape: resultLayout.nhwc(type.shape))
    let isPlain = isPlain(operands)
    let sums = product(
      [input] + operands[1...].prefix(2), image,
      clamp: isPlain ? (minimum, maximum) : (-.infinity, .infinity))
    let arranged = try resultLayout.fromNHWC?.applied(to: sums) ?? sums
    if isPlain { return [arranged] }
    return [try finish(arranged, residual: operands.count > 3 ? operands[3] : nil)]
  }

  /// The bounded sums over an NHWC input.
  private func product(
    _ operands: [Tensor], _ type: TensorType, clamp: (low: Float, high: Float)
  ) -> Tensor {
    let product = ProductEvaluation(
      operands: operands, result: type, clamp: clamp, rounding: rounding)
    let (x, w) = (operands[0].shape, operands[1].shape)
    return product.run { (input: UnsafePointer<Float>, weights, store) in
      sums(x, w, type.shape, input, weights, store)
    } double: { (input: UnsafePointer<Double>, weights, store) in
      sums(x, w, type.shape, input, weights, store)
    } integer: { (input: UnsafePointer<Int32>, weights, store) in
      sums(x, w, type.shape, input, weights, store)
    } wide: { (input: UnsafePointer<Int64>, weights, store) in
      sums(x, w, type.shape, input, weights, store)
    }
  }
}
