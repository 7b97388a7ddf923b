/// Two-dimensional convolution over NHWC input with OHWI weights, in groups, with an epilogue
/// (`LayerWithEpilogue`). Float images may be NCHW: a stem reads what the model is given.
///
/// Quantised: `clamp(requantise(bias + Σ (x − zx) · (w − zw)) + zy)`; padding contributes nothing.
public struct Conv2D: ConvolutionLike, Operation {
  public static let mnemonic = "conv2d"
  public static let summary =
    "y[n,h,w,o] = act(b[o] + Σ x[n, h·s+i·d−p, w·s+j·d−p, c] · w[o,i,j,c] + r[n,h,w,o])"
  public static let fields: [Field<Conv2D>] = [
    .init("stride", \.stride, "step of the window: [height, width]"),
    .init("pad", \.pad, "rows and columns of zeros: [top, bottom, left, right]"),
    .init("dilation", \.dilation, "spacing of the taps: [height, width]"),
    .init("groups", \.groups, "independent groups of channels"),
    .init("activation", \.activation, "the function of each float sum, before the bounds"),
    .init("alpha", \.alpha, "slope below zero of the activation leaky_relu"),
    .init("minimum", \.minimum, "lower bound of the fused activation"),
    .init("maximum", \.maximum, "upper bound of the fused activation"),
    .init("rounding", \.rounding, "how quantised sums are rounded"),
    .init("result_element", \.resultElement, "how quantised sums are stored"),
    .init("input_layout", \.inputLayout, "the order of a float input's axes"),
    .init("result_layout", \.resultLayout, "the order of a float result's axes"),
  ]
  static let weightChannelAxis = 0

  public var stride: [Int] = [1, 1]
  public var pad: [Int] = [0, 0, 0, 0]
  public var dilation: [Int] = [1, 1]
  public var groups: Int = 1
  public var activation: Activation = .none
  public var alpha: Float = 0
  public var minimum: Float = -.infinity
  public var maximum: Float = .infinity
  public var rounding: Rounding = .single
  public var resultElement: ResultElement = .input
  public var inputLayout: ImageLayout = .nhwc
  public var resultLayout: ImageLayout = .nhwc

  public init() {}

  func outputChannels(input: Shape, weights: TensorType) throws -> Int {
    let channels = input[3]
    guard groups >= 1, weights.shape[0] % groups == 0 else {
      throw OperationError("'conv2d' cannot split \(weights.shape[0]) outputs into \(groups) groups")
    }
    guard channels == Shape.unknown || channels == weights.shape[3] * groups else {
      throw OperationError(
        "'conv2d' needs \(weights.shape[3] * groups) input channels, not \(channels)")
    }
    return weights.shape[0]
  }

  func sums<T: PanelScalar>(
    _ input: Shape, _ weights: Shape, _ output: Shape, _ x: UnsafePointer<T>,
    _ w: UnsafePointer<T>, _ store: (Int, Int, T) -> Void
  ) {
    let convolution = Convolution(
      window: window(weights: weights), groups: groups, input: input, filter: weights,
      output: output)
    convolution.run(x, { w[$0] }, store)
  }

  public func macs(operands: [TensorType], results: [TensorType]) -> Int {
    let weights = operands[1].shape
    return results[0].shape.count * weights[1] * weights[2] * weights[3]
  }
}
