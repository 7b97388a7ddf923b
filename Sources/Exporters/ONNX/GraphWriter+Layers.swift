import IR

// Convolutions, matrix products and pools.

extension GraphWriter {
  /// Writes a layer; false where `node` is none.
  mutating func emitLayer(_ node: Node) throws -> Bool {
    switch node.operation {
    case let layer as Conv2D:
      let window = ConvolutionWindow(
        stride: layer.stride, pad: layer.pad, dilation: layer.dilation, groups: layer.groups,
        filterOrder: [0, 3, 1, 2], filterChannels: 0)
      try emitConvolution(
        node, layer, window, planarInput: layer.inputLayout == .nhwc,
        planarResult: layer.resultLayout == .nhwc)
    case let layer as DepthwiseConv2D:
      let channels = graph[node.operands[0]].shape[3]
      guard channels != Shape.unknown else {
        throw OperationError("the number of its channels is not known")
      }
      let window = ConvolutionWindow(
        stride: layer.stride, pad: layer.pad, dilation: layer.dilation, groups: channels,
        filterOrder: [3, 0, 1, 2], filterChannels: 3)
      try emitConvolution(node, layer, window, planarInput: true, planarResult: true)
    case let layer as FullyConnected: try emit(layer, node)
    case is MatMul:
      define(node.results[0], add("MatMul", [real(node.operands[0]), real(node.operands[1])]))
    case let attention as Attention: emit(attention, node)
    case let pool as MaxPool2D:
      emitPool(
        node, "MaxPool", pool.kernel, pool.stride, pool.pad, [.ints("dilations", pool.dilation)])
    case let pool as AveragePool2D:
      emitPool(
        node, "AveragePool", pool.kernel, pool.stride, pool.pad,
        [.int("count_include_pad", pool.countPadding ? 1 : 0)])
    default: return false
    }
    return true
  }

  private mutating func emitConvolution(
    _ node: Node, _ layer: any LayerWithEpilogue, _ window: ConvolutionWindow, planarInput: Bool,
    planarResult: Bool
  ) throws {
    let kernel = graph[node.operands[1]].shape.dimensions[1...2]
    var inputs = [real(node.operands[0], planar: planarInput)]
    inputs.append(weights(node, window.filterOrder))
    if node.operands.count > 2 { inputs.append(try bias(node, weightAxis: window.filterChannels)) }
    let sums = add(
      "Conv", inputs,
      [
        .ints("dilations", window.dilation), .int("group", window.groups),
        .ints("kernel_shape", Array(kernel)), .ints("pads", onnxPads(window.pad)),
        .ints("strides", window.stride),
      ])
    define(
      node.results[0], planar: planarResult,
      try finished(sums, layer, node, planar: planarResult))
  }

  /// The weights of a layer in the type that it computes in: those of a float layer may be stored in
  /// halves.
  private mutating func weights(_ node: Node, _ permutation: [Int]) -> String {
    let reals = parameter(node.operands[1], permutation)
    let element = graph[node.operands[1]].element
    let computed = graph[node.results[0]].element
    guard element.isFloat, computed.isFloat, element != computed else { return reals }
    return cast(reals, computed)
  }

  private mutating func emit(_ layer: FullyConnected, _ node: Node) throws {
    var inputs = [real(node.operands[0]), weights(node, [0, 1])]
    if node.operands.count > 2 { inputs.append(try bias(node, weightAxis: 0)) }
    let sums = add("Gemm", inputs, [.int("transB", 1)])
    define(node.results[0], try finished(sums, layer, node, planar: false))
  }

  /// Residual, activation and clamp of a layer.
  private mutating func finished(
    _ sums: String, _ layer: any LayerWithEpilogue, _ node: Node, planar: Bool
  ) throws -> String {
    var value = sums
    if node.operands.count > 3 {
      value = add("Add", [value, real(node.operands[3], planar: planar)])
    }
    if let operation = layer.activation.operation(alpha: layer.alpha) {
      let element: ElementType = graph[node.results[0]].element
      guard let result = applied(operation, to: value, element) else {
        throw OperationError("its activation '\(layer.activation.rawValue)' has no operator")
      }
      value = result
    }
    return bounded(value, layer.minimum, layer.maximum, graph[node.results[0]])
  }

  /// The reals of a bias. That of a quantised layer counts in steps of input scale · weight scale,
  /// which its type does not say.
  private mutating func bias(_ node: Node, weightAxis: Int) throws -> String {
    let value = node.operands[2]
    let type = graph[value]
    guard type.element.isInteger, !type.isQuantized else { return real(value) }
    guard let tensor = graph.constant(value), let input = graph[node.operands[0]].quantization,
      let weights = graph[node.operands[1]].quantization
    else { throw OperationError("its bias counts in steps that are not known") }
    let scales = weights.scales.map { $0 * input.scale }
    let name = graph.name(of: value) ?? "\(current).bias"
    guard type.element == .i32 else {
      // DequantizeLinear takes no more than 32 bits.
      let reals = tensor.integers().enumerated().map { index, stored in
        Double(stored) * Double(scales[scales.count == 1 ? 0 : index])
      }
      return initializer(Tensor.from(doubles: reals, .f32, tensor.shape), preferred: name)
    }
    let steps = Quantization(
      scales: scales, zeroPoints: scales.map { _ in 0 }, axis: weights.isPerAxis ? 0 : nil)
    return dequantize(initializer(tensor, preferred: name), steps, .i32)
  }

  /// Operator set 23 has an `Attention`; in 21 it is what that is defined by.
  private mutating func emit(_ attention: Attention, _ node: Node) {
    let element = graph[node.operands[0]].element
    let turning = attention.keyTranspose(graph[node.operands[1]]).permutation
    let keys = add("Transpose", [real(node.operands[1])], [.ints("perm", turning)])
    var scores = add("MatMul", [real(node.operands[0]), keys])
    if attention.scale != 1 {
      scores = add("Mul", [scores, scalar(attention.scale, element)])
    }
    if node.operands.count > 3 { scores = add("Add", [scores, real(node.operands[3])]) }
    let weights = add("Softmax", [scores], [.int("axis", -1)])
    define(node.results[0], add("MatMul", [weights, real(node.operands[2])]))
  }

  private mutating func emitPool(
    _ node: Node, _ operation: String, _ kernel: [Int], _ stride: [Int], _ pad: [Int],
    _ more: [NodeAttribute]
  ) {
    let attributes: [NodeAttribute] = [
      .ints("kernel_shape", kernel), .ints("pads", onnxPads(pad)), .ints("strides", stride),
    ]
    let x = real(node.operands[0], planar: true)
    define(node.results[0], planar: true, add(operation, [x], attributes + more))
  }

  /// `[top, bottom, left, right]` as ONNX's begins and ends.
  private func onnxPads(_ pad: [Int]) -> [Int] { [pad[0], pad[2], pad[1], pad[3]] }
}

/// How a convolution's filter goes over its image, and where its axes are.
private struct ConvolutionWindow {
  let stride: [Int]
  let pad: [Int]
  let dilation: [Int]
  let groups: Int
  /// The filter's axes as ONNX orders them: outputs, inputs, rows, columns.
  let filterOrder: [Int]
  /// The filter's axis of output channels.
  let filterChannels: Int
}
