import IR

let convolutionOperators: [OperatorEntry] = [
  OperatorEntry("CONV_2D", version: 8, 2...3) { call, graph in
    let (x, weights) = try graph.weighted(call)
    let (input, filter) = (graph.type(of: x).shape, graph.type(of: weights).shape)
    guard input.rank == 4, filter.rank == 4, filter[3] > 0, input[3] % filter[3] == 0 else {
      throw Diagnostic.error("CONV_2D cannot apply filters [\(filter)] to [\(input)]")
    }
    var operation = Conv2D()
    operation.groups = max(input[3] / filter[3], 1)
    let window = try call.window(input, kernel: [filter[1], filter[2]])
    (operation.stride, operation.dilation, operation.pad) =
      (window.stride, window.dilation, window.pad)
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    return [try graph.add(operation, [x, weights] + graph.bias(call), call)]
  },
  OperatorEntry("DEPTHWISE_CONV_2D", version: 7, 2...3) { call, graph in
    let (x, weights) = try graph.weighted(call)
    let (input, filter) = (graph.type(of: x).shape, graph.type(of: weights).shape)
    guard input.rank == 4, filter.rank == 4 else {
      throw Diagnostic.error("DEPTHWISE_CONV_2D cannot apply filters [\(filter)] to [\(input)]")
    }
    var operation = DepthwiseConv2D()
    let window = try call.window(input, kernel: [filter[1], filter[2]])
    (operation.stride, operation.dilation, operation.pad) =
      (window.stride, window.dilation, window.pad)
    (operation.minimum, operation.maximum) = try call.options.activation()
    operation.rounding = .double
    return [try graph.add(operation, [x, weights] + graph.bias(call), call)]
  },
]

extension GraphImporter {
  /// Input and weights. Where the activations are float and the weights are not (dynamic-range
  /// quantisation), the weights are dequantised: the product is then computed in float.
  mutating func weighted(_ call: OperatorCall) throws -> (x: Value, weights: Value) {
    let x = try operand(0, call)
    let weights = try operand(1, call)
    guard type(of: x).element.isFloat, type(of: weights).isQuantized else { return (x, weights) }
    return (x, try add(Dequantize(), [weights], quantization: nil, call))
  }

  /// The bias as a list of none or one.
  mutating func bias(_ call: OperatorCall) throws -> [Value] {
    guard let bias = try optionalOperand(2, call) else { return [] }
    let (x, type) = (self.type(of: try operand(0, call)), self.type(of: bias))
    guard type.element.isFloat == x.element.isFloat else {
      throw Diagnostic.error("\(call.name) has a bias of \(type) for an input of \(x)")
    }
    return [bias]
  }
}

extension OperatorCall {
  /// The sliding window of a convolution or pooling: strides and dilations from the options,
  /// padding made explicit.
  func window(_ input: Shape, kernel: [Int]) throws -> Window {
    var window = Window(
      kernel: kernel, stride: [options.int("stride_h"), options.int("stride_w")],
      dilation: [
        options.int("dilation_h_factor", default: 1), options.int("dilation_w_factor", default: 1),
      ], pad: [0, 0, 0, 0])
    try window.validate()
    switch options.symbol("padding", first: "SAME") {
    case "VALID": break
    case "SAME": window.pad = samePadding(window, input)
    case let other: throw UnsupportedFeature("the padding \(other)")
    }
    return window
  }

  /// `SAME`: as many results as `⌈input / stride⌉`; an odd row or column of padding goes behind.
  /// Source: TFLite `padding.h`, `ComputePaddingWithOffset`.
  private func samePadding(_ window: Window, _ input: Shape) -> [Int] {
    (0..<2).flatMap { axis -> [Int] in
      let (extent, stride) = (input[axis + 1], window.stride[axis])
      let results = (extent + stride - 1) / stride
      let reach = (window.kernel[axis] - 1) * window.dilation[axis] + 1
      let total = max((results - 1) * stride + reach - extent, 0)
      return [total / 2, total - total / 2]
    }
  }
}
