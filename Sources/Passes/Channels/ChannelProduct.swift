import IR

/// A convolution or a fully connected layer with constant weights: how each output channel depends on
/// the input channels.
struct ChannelProduct {
  let weights: Tensor
  let bias: Tensor?
  let input: TensorType
  let result: TensorType
  let outputs: Int
  let inputs: Int
  /// Outputs of a group see the inputs of the same group.
  let groups: Int
  /// Inputs of a group.
  let depth: Int
  /// Taps of the window.
  let taps: Int
  /// Whether some taps may fall into the padding, where nothing is added.
  let isPadded: Bool
  let bounds: (low: Float, high: Float)
  let rounding: Rounding
  /// Weights minus their zero points, `[output, tap, input]`.
  private let centred: [Float]
  private let biasValues: [Double]

  /// Layers with more weights than this are not looked into.
  private static let largest: Int = 1 << 24

  init?(_ node: Node, _ graph: Graph) {
    guard let weights = graph.constant(node.operands[1]),
      weights.count <= ChannelProduct.largest, weights.count > 0
    else { return nil }
    let bias: Tensor? = node.operands.count > 2 ? graph.constant(node.operands[2]) : nil
    guard node.operands.count == 2 || bias != nil && node.operands.count == 3 else { return nil }
    if let conv = node.operation as? Conv2D {
      guard conv.activation == .none, conv.inputLayout == .nhwc,
        conv.resultLayout == .nhwc
      else { return nil }
      groups = conv.groups
      isPadded = conv.pad.contains { $0 > 0 }
      bounds = (conv.minimum, conv.maximum)
      rounding = conv.rounding
    } else if let layer = node.operation as? FullyConnected {
      guard layer.activation == .none else { return nil }
      groups = 1
      isPadded = false
      bounds = (layer.minimum, layer.maximum)
      rounding = layer.rounding
    } else {
      return nil
    }
    (input, result) = (graph[node.operands[0]], graph[node.results[0]])
    let isNarrow = { (type: TensorType) in [.i8, .u8].contains(type.element) && type.isQuantized }
    let isReal = input.element.isFloat && input.element != .f64
    guard isReal || isNarrow(input) && isNarrow(result),
      let width = weights.shape.dimensions.last, groups > 0, input.channels == width * groups,
      weights.shape[0] % groups == 0, bias.map({ $0.element != .i64 }) ?? true
    else { return nil }
    self.weights = weights
    self.bias = bias
    biasValues = bias?.doubles() ?? []
    outputs = weights.shape[0]
    depth = width
    inputs = width * groups
    taps = weights.count / (outputs * depth)
    centred = ChannelProduct.centre(weights)
  }

  private static func centre(_ weights: Tensor) -> [Float] {
    let stored = weights.floats()
    guard let quantization = weights.type.quantization,
      quantization.zeroPoints.contains(where: { $0 != 0 })
    else { return stored }
    let row = weights.count / weights.shape[0]
    return stored.enumerated().map { index, value in
      value - Float(quantization.zeroPoints[quantization.axis == nil ? 0 : index / row])
    }
  }

  /// The zero that an input is centred by.
  private var inputZero: Double { Double(input.quantization?.zeroPoint ?? 0) }

  /// The first input that output `output` sees.
  private func first(_ output: Int) -> Int { output / (outputs / groups) * depth }

  /// Whether output `output` depends on input `channel`.
  func uses(_ channel: Int, for output: Int) -> Bool {
    let own = channel - first(output)
    guard own >= 0, own < depth else { return false }
    return (0..<taps).contains { centred[(output * taps + $0) * depth + own] != 0 }
  }

  /// Whether an input channel with `range` adds the same to every sum, so that the bias can have it.
  func isFoldable(_ range: ChannelRange) -> Bool {
    guard let value = range.constant else { return false }
    return !isPadded || value == inputZero
  }

  /// What a constant input `channel` adds to the sum of `output`.
  func contribution(of channel: Int, value: Double, to output: Int) -> Double {
    let own = channel - first(output)
    guard own >= 0, own < depth else { return 0 }
    let total: Double = (0..<taps).reduce(0) {
      $0 + Double(centred[(output * taps + $1) * depth + own])
    }
    return total * (value - inputZero)
  }

  /// The sum of `output` for inputs within `ranges`.
  func sum(_ output: Int, _ ranges: [ChannelRange]) -> ChannelSum {
    let start = biasValues.isEmpty ? 0 : biasValues[output]
    var total = ChannelSum(start)
    let first = first(output)
    for tap in 0..<taps {
      let base = (output * taps + tap) * depth
      for channel in 0..<depth where centred[base + channel] != 0 {
        let weight = Double(centred[base + channel])
        total.add(weight, ranges[first + channel], zero: inputZero, isPadded: isPadded)
      }
    }
    return total
  }

  /// What each output channel may be for inputs within `ranges`.
  func results(_ ranges: [ChannelRange]) -> [ChannelRange] {
    let sums = ChannelSums(
      input: input, weights: weights.type, result: result, bounds: bounds, rounding: rounding)
    return sums.results((0..<outputs).map { sum($0, ranges) })
  }
}
