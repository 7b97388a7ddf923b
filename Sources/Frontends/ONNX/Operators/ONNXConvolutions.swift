import IR

let onnxConvolutionOperators: [ONNXOperator] = [
  ONNXOperator("Conv", inputs: 2...3, importConv)
]

@Sendable private func importConv(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  if graph.shape(try node.input(0)).rank == 5 { return [try importVolume(node, graph)] }
  let convolution = try ConvolutionImporter(
    node, graph, input: try node.input(0), weights: try node.input(1))
  return [try convolution.emit(bias: node.optional(2), quantization: nil, rounding: .single)]
}

/// Three spatial axes.
private func importVolume(_ node: SourceNodeReader, _ graph: GraphBuilder) throws -> Value {
  let (x, weights) = (try graph.plain(try node.input(0)), try graph.plain(try node.input(1)))
  let (shape, filter) = (
    try graph.staticShape(x, "the input"), try graph.staticShape(weights, "the weights")
  )
  let groups = try node.attributes.int("group", default: 1)
  let declared = try node.attributes.ints("kernel_shape")
  guard filter.rank == 5, groups >= 1, shape[1] == filter[1] * groups, filter[0] % groups == 0,
    declared == nil || declared == Array(filter.dimensions[2...])
  else { throw node.invalid("weights of shape \(filter) do not fit \(shape)") }
  let window = try VolumeWindow(
    node, kernel: Array(filter.dimensions[2...]), input: Array(shape.dimensions[2...]))
  return try graph.convolvedVolume(
    x, weights, bias: try node.optional(2), window, groups: groups, node)
}

/// What `Conv` and `QLinearConv` share: an NCHW (or NCW) input and OIHW weights.
struct ConvolutionImporter {
  private let node: SourceNodeReader
  private let graph: GraphBuilder
  private let input: Value
  private let weights: Value
  private let window: WindowReader
  private let groups: Int
  private let rank: Int

  init(
    _ node: SourceNodeReader, _ graph: GraphBuilder, input: Value, weights: Value
  ) throws {
    self.node = node
    self.graph = graph
    self.input = input
    self.weights = weights
    rank = graph.shape(input).rank
    guard rank == graph.shape(weights).rank, rank >= 3 else {
      throw node.invalid(
        "needs an input and weights of the same rank, at least 3, not \(graph.type(input)) and "
          + "\(graph.type(weights))")
    }
    guard rank <= 4 else {
      throw node.unsupported("\(rank - 2) spatial axes are not supported, only 1 to 3")
    }
    let filter = try graph.staticShape(weights, "the weights")
    groups = try node.attributes.int("group", default: 1)
    let kernel = Array(filter.dimensions[2...])
    if let declared = try node.attributes.ints("kernel_shape"), declared != kernel {
      throw node.invalid("kernel_shape \(declared) differs from the weights' \(kernel)")
    }
    window = try WindowReader(
      node, kernel: kernel, input: Array(graph.shape(input).dimensions[2...]))
    let channels = graph.shape(input)[1]
    guard groups >= 1, groups <= 1 << 20, filter[0] % groups == 0, filter[0] > 0,
      channels == Shape.unknown || channels == filter[1] * groups
    else {
      throw node.invalid(
        "\(channels) input channels in \(groups) groups do not fit weights of shape \(filter)")
    }
  }

  /// - Parameter quantization: what the result is asked to have; nil for floats.
  func emit(bias: Value?, quantization: Quantization?, rounding: Rounding) throws -> Value {
    let image = try graph.imageLast(input)
    let filter = try squareFilter()
    let isDepthwise = groups > 1 && graph.shape(filter)[1] == 1
    let operands = [
      image, try graph.transposeParameter(filter, isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1]),
    ]
    let result = try graph.emit(
      isDepthwise ? depthwise(rounding) : grouped(rounding),
      operands + (bias.map { [$0] } ?? []), quantization: quantization)
    return try graph.imageFirst(result, rank: rank)
  }

  /// The weights with two spatial axes.
  private func squareFilter() throws -> Value {
    guard rank == 3 else { return weights }
    let extents = graph.shape(weights).dimensions
    return try graph.reshapeParameter(weights, [extents[0], extents[1], 1, extents[2]])
  }

  private func grouped(_ rounding: Rounding) -> Conv2D {
    var operation = Conv2D()
    operation.stride = window.stride
    operation.dilation = window.dilation
    operation.pad = window.pad
    operation.groups = groups
    operation.rounding = rounding
    return operation
  }

  private func depthwise(_ rounding: Rounding) -> DepthwiseConv2D {
    var operation = DepthwiseConv2D()
    operation.stride = window.stride
    operation.dilation = window.dilation
    operation.pad = window.pad
    operation.rounding = rounding
    return operation
  }
}
