/// Depthwise convolution over NHWC input with weights `[1, height, width, channels · multiplier]`
/// (TFLite's layout), with an epilogue (`LayerWithEpilogue`).
///
/// Quantised as `conv2d`; weight scales run along axis 3.
public struct DepthwiseConv2D: ConvolutionLike, Operation {
  public static let mnemonic = "depthwise_conv2d"
  public static let summary =
    "y[n,h,w,c·m+k] = act(b[c·m+k] + Σ x[n, h·s+i·d−p, w·s+j·d−p, c] · w[0,i,j,c·m+k] + r)"
  public static let fields: [Field<DepthwiseConv2D>] = [
    .init("stride", \.stride, "step of the window: [height, width]"),
    .init("pad", \.pad, "rows and columns of zeros: [top, bottom, left, right]"),
    .init("dilation", \.dilation, "spacing of the taps: [height, width]"),
    .init("activation", \.activation, "the function of each float sum, before the bounds"),
    .init("alpha", \.alpha, "slope below zero of the activation leaky_relu"),
    .init("minimum", \.minimum, "lower bound of the fused activation"),
    .init("maximum", \.maximum, "upper bound of the fused activation"),
    .init("rounding", \.rounding, "how quantised sums are rounded"),
    .init("result_element", \.resultElement, "how quantised sums are stored"),
  ]
  static let weightChannelAxis = 3

  public var stride: [Int] = [1, 1]
  public var pad: [Int] = [0, 0, 0, 0]
  public var dilation: [Int] = [1, 1]
  public var activation: Activation = .none
  public var alpha: Float = 0
  public var minimum: Float = -.infinity
  public var maximum: Float = .infinity
  public var rounding: Rounding = .single
  public var resultElement: ResultElement = .input

  public init() {}

  func outputChannels(input: Shape, weights: TensorType) throws -> Int {
    let channels = input[3]
    guard weights.shape[0] == 1, channels == Shape.unknown || channels > 0,
      channels == Shape.unknown || weights.shape[3] % channels == 0
    else {
      throw OperationError("'depthwise_conv2d' cannot apply \(weights) to \(input)")
    }
    return weights.shape[3]
  }

  func sums<T: PanelScalar>(
    _ input: Shape, _ weights: Shape, _ output: Shape, _ x: UnsafePointer<T>,
    _ w: UnsafePointer<T>, _ store: (Int, Int, T) -> Void
  ) {
    let convolution = DepthwiseConvolution(
      window: window(weights: weights), multiplier: weights[3] / input[3], input: input,
      output: output)
    convolution.run(x, w, store)
  }

  public func macs(operands: [TensorType], results: [TensorType]) -> Int {
    results[0].shape.count * operands[1].shape[1] * operands[1].shape[2]
  }
}
