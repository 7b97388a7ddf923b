import IR

// Convolutions, matrix products and pools.

extension SubgraphWriter {
  /// Writes a layer; false where `node` is none.
  mutating func emitLayer(_ node: Node) throws -> Bool {
    switch node.operation {
    case let layer as Conv2D: try emit(layer, node)
    case let layer as DepthwiseConv2D: try emit(layer, node)
    case let layer as FullyConnected: try emit(layer, node)
    case is MatMul: try emitProduct(node)
    case let attention as Attention: try emit(attention, node)
    case let pool as MaxPool2D: try emit(pool, node)
    case let pool as AveragePool2D: try emit(pool, node)
    default: return false
    }
    return true
  }

  private mutating func emit(_ layer: Conv2D, _ node: Node) throws {
    var x = tensor(node.operands[0])
    if layer.inputLayout == .nchw { x = transposed(x, [0, 2, 3, 1]) }
    let weights = tensor(node.operands[1])
    let window = Window(
      kernel: Array(weights.type.shape.dimensions[1...2]), stride: layer.stride,
      dilation: layer.dilation, pad: layer.pad)
    let (input, padding) = try padded(x, window)
    var options = options("Conv2DOptions", window: window, padding)
    setDilation(window, &options)
    var type = graph[node.results[0]]
    if layer.resultLayout == .nchw {
      type.shape = Shape([0, 2, 3, 1].map { type.shape[$0] })
    }
    let made = try emitSums(
      "CONV_2D", layer, node, [input, weights], type, options, weightAxis: 0,
      residualOrder: layer.resultLayout == .nchw ? [0, 2, 3, 1] : nil)
    define(node.results[0], layer.resultLayout == .nchw ? transposed(made, [0, 3, 1, 2]) : made)
  }

  private mutating func emit(_ layer: DepthwiseConv2D, _ node: Node) throws {
    let (x, weights) = (tensor(node.operands[0]), tensor(node.operands[1]))
    let channels = x.type.shape[3]
    guard channels > 0 else { throw OperationError("the number of its channels is not known") }
    let window = Window(
      kernel: Array(weights.type.shape.dimensions[1...2]), stride: layer.stride,
      dilation: layer.dilation, pad: layer.pad)
    let (input, padding) = try padded(x, window)
    var options = options("DepthwiseConv2DOptions", window: window, padding)
    setDilation(window, &options)
    options.set("depth_multiplier", weights.type.shape[3] / channels)
    let made = try emitSums(
      "DEPTHWISE_CONV_2D", layer, node, [input, weights], graph[node.results[0]], options,
      weightAxis: 3)
    define(node.results[0], made)
  }

  private mutating func emit(_ layer: FullyConnected, _ node: Node) throws {
    let operands = [tensor(node.operands[0]), tensor(node.operands[1])]
    let made = try emitSums(
      "FULLY_CONNECTED", layer, node, operands, graph[node.results[0]],
      FlatTable("FullyConnectedOptions"), weightAxis: 0)
    define(node.results[0], made)
  }

  /// The layer's operator, and behind it what it cannot fuse: residual, activation, bounds.
  private mutating func emitSums(
    _ name: String, _ layer: any LayerWithEpilogue, _ node: Node, _ operands: [FlatTensor],
    _ type: TensorType, _ options: FlatTable, weightAxis: Int, residualOrder: [Int]? = nil
  ) throws -> FlatTensor {
    try checkWeights(operands[0].type, operands[1].type)
    var options = options
    let isPlain = node.operands.count <= 3 && layer.activation == .none
    let fused = isPlain ? fusedActivation(layer.minimum, layer.maximum, type) : nil
    options.set("fused_activation_function", symbol: fused ?? "NONE")
    var inputs: [FlatTensor?] = operands
    if node.operands.count > 2 {
      let bias = try bias(node, weightAxis: weightAxis)
      inputs.append(bias)
      if type.element == .i16, bias.type.element == .i32 {
        options.set("quantized_bias_type", symbol: "INT32")
      }
    } else {
      inputs.append(
        zeroBias(operands[0].type, operands[1].type, channels: type.shape.dimensions.last))
    }
    var made = add(name, inputs, type, options: options)
    if node.operands.count > 3 {
      var residual = tensor(node.operands[3])
      if let residualOrder { residual = transposed(residual, residualOrder) }
      made = add(
        "ADD", [made, residual], type, options: self.options("AddOptions", activation: "NONE"))
    }
    if let operation = layer.activation.operation(alpha: layer.alpha) {
      made = try applied(operation, to: made, type)
    }
    return fused == nil ? bounded(made, layer.minimum, layer.maximum) : made
  }

  /// Refuses mixtures of types that no kernel multiplies.
  private func checkWeights(_ input: TensorType, _ weights: TensorType) throws {
    guard input.isQuantized || weights.isQuantized else { return }
    let isKnown: Bool =
      switch input.element {
      case .i8, .i16: [.i8, .i4].contains(weights.element)
      case .u8: weights.element == .u8
      default: false
      }
    guard isKnown else {
      throw OperationError(
        "TFLite multiplies i8 or i16 by i8 and u8 by u8, not \(input) by \(weights) "
          + "(the pass 'normalize-signedness' makes activations signed)")
    }
    guard weights.element == .u8 || weights.quantization?.zeroPoints.allSatisfy({ $0 == 0 }) == true
    else { throw OperationError("TFLite's signed weights have a zero point of 0: \(weights)") }
  }

  /// The bias. That of a quantised layer counts in steps of input scale · weight scale, which
  /// TFLite wants to read in its type.
  private mutating func bias(_ node: Node, weightAxis: Int) throws -> FlatTensor {
    let value = node.operands[2]
    let type = graph[value]
    guard type.element.isInteger else { return tensor(value) }
    guard let content = graph.constant(value),
      let steps = biasSteps(
        graph[node.operands[0]].quantization, graph[node.operands[1]].quantization)
    else {
      throw OperationError("its bias is not a constant, or counts in steps that are not known")
    }
    let stored = content.reinterpreted(as: type.with(quantization: steps))
    return constant(stored, named: graph.name(of: value) ?? "\(current).bias")
  }

  /// Some of the kernels want a bias.
  private mutating func zeroBias(
    _ input: TensorType, _ weights: TensorType, channels: Int?
  ) -> FlatTensor {
    let isWide = input.element == .i16
    let element: ElementType = input.isQuantized ? (isWide ? .i64 : .i32) : input.element
    let count = max(channels ?? 0, 0)
    let zeros = Tensor.from(integers: [Int](repeating: 0, count: count), element, [count])
    let steps = biasSteps(input.quantization, weights.quantization)
    return constant(
      zeros.reinterpreted(as: zeros.type.with(quantization: steps)), named: "\(current).bias")
  }

  private func biasSteps(_ input: Quantization?, _ weights: Quantization?) -> Quantization? {
    guard let input, let weights else { return nil }
    let scales = weights.scales.map { $0 * input.scale }
    return Quantization(
      scales: scales, zeroPoints: scales.map { _ in 0 }, axis: weights.isPerAxis ? 0 : nil)
  }

  // MARK: Products

  private mutating func emitProduct(_ node: Node) throws {
    define(
      node.results[0],
      try product(
        tensor(node.operands[0]), tensor(node.operands[1]), graph[node.results[0]]))
  }

  /// The product of two tensors of matrices; vectors become matrices of one row or column.
  mutating func product(
    _ a: FlatTensor, _ b: FlatTensor, _ type: TensorType, turnsSecond: Bool = false
  ) throws -> FlatTensor {
    var (first, second) = (a, b)
    var shape = type.shape.dimensions
    if first.type.rank == 1 {
      first = reshaped(first, to: Shape([1] + first.type.shape.dimensions))
      shape.insert(1, at: max(shape.count - (b.type.rank == 1 ? 0 : 1), 0))
    }
    if second.type.rank == 1 {
      second = reshaped(second, to: Shape(second.type.shape.dimensions + [1]))
      shape.append(1)
    }
    var options = FlatTable("BatchMatMulOptions")
    if turnsSecond { options.set("adj_y", true) }
    let made = add(
      "BATCH_MATMUL", [first, second], type.with(shape: Shape(shape)), options: options)
    return reshaped(made, to: type.shape)
  }

  /// By what attention is defined by.
  private mutating func emit(_ attention: Attention, _ node: Node) throws {
    let operands = node.operands.map { tensor($0) }
    let (queries, keys) = (operands[0], operands[1])
    let outer =
      Shape.broadcast([
        Shape(Array(queries.type.shape.dimensions.dropLast(2))),
        Shape(Array(keys.type.shape.dimensions.dropLast(2))),
      ]) ?? .scalar
    let last = [queries.type.shape, keys.type.shape].map { $0[$0.rank - 2] }
    var type = TensorType(queries.type.element, Shape(outer.dimensions + last))
    var scores = try product(queries, keys, type, turnsSecond: true)
    if attention.scale != 1 {
      scores = add("MUL", [scores, scalar(attention.scale, type.element)], type, options: mul)
    }
    if operands.count > 3 {
      type.shape = Shape.broadcast([type.shape, operands[3].type.shape]) ?? type.shape
      scores = add(
        "ADD", [scores, operands[3]], type, options: options("AddOptions", activation: "NONE"))
    }
    var softmax = FlatTable("SoftmaxOptions")
    softmax.set("beta", real: 1)
    let weights = add("SOFTMAX", [scores], type, options: softmax)
    define(node.results[0], try product(weights, operands[2], graph[node.results[0]]))
  }

  var mul: FlatTable { options("MulOptions", activation: "NONE") }
}
