import IR

/// How a constant differs between two models, in the numbers that it stands for.
struct WeightChange: Sendable {
  let node: String
  /// Of the operand, from 0.
  let operand: Int
  let name: String
  let before: TensorType
  let after: TensorType
  /// Elements whose value differs; nil where the shapes do not agree.
  let changed: Int?
  let count: Int
  /// The largest difference; nil where the shapes do not agree.
  let largest: Double?
  /// The same over the largest magnitude of the first model's.
  let relative: Double?

  /// nil where nothing differs.
  init?(
    node: String, operand: Int, name: String, _ before: Tensor, _ after: Tensor,
    scales: (before: BiasScale?, after: BiasScale?)
  ) {
    if before == after && scales.before == scales.after { return nil }
    self.node = node
    self.operand = operand
    self.name = name
    self.before = before.type
    self.after = after.type
    count = before.count
    guard before.shape == after.shape, before.element != .string, after.element != .string else {
      (changed, largest, relative) = (nil, nil, nil)
      return
    }
    let old = WeightChange.values(before, scales.before)
    let new = WeightChange.values(after, scales.after)
    var (different, most, peak) = (0, 0.0, 0.0)
    for (x, y) in zip(old, new) {
      if x.isFinite { peak = max(peak, x.magnitude) }
      if x == y || (x.isNaN && y.isNaN) { continue }
      different += 1
      let distance = (x - y).magnitude
      most = distance.isNaN ? .infinity : max(most, distance)
    }
    changed = different
    largest = most
    relative = most == 0 ? 0 : peak == 0 ? .infinity : most / peak
  }

  /// What the elements mean.
  private static func values(_ tensor: Tensor, _ scale: BiasScale?) -> [Double] {
    if tensor.type.isQuantized { return tensor.dequantized().doubles() }
    guard let scale, !tensor.element.isFloat else { return tensor.doubles() }
    let factors = scale.factors
    return tensor.doubles().enumerated().map { index, value in
      value * (factors.count == 1 ? factors[0] : factors[index % factors.count])
    }
  }

  /// Whether only the type differs: the values are the same.
  var isTypeOnly: Bool { changed == 0 }

  var json: JSON {
    .object([
      ("node", .string(node)), ("operand", .int(operand)), ("name", .string(name)),
      ("before", .string(before.description)), ("after", .string(after.description)),
      ("elements", .int(count)), ("changed", changed.map { JSON.int($0) } ?? .null),
      ("max_change", largest.map { JSON.measure($0) } ?? .null),
      ("relative", relative.map { JSON.measure($0) } ?? .null),
    ])
  }
}

/// What a bias of plain integers counts in: the scale of the layer's input times that of its weights.
///
/// Source: TFLite's 8-bit quantization specification, on biases.
struct BiasScale: Hashable, Sendable {
  /// One, or one per output channel.
  let factors: [Double]

  /// nil where operand `index` of `node` is no such bias.
  init?(_ graph: Graph, _ node: Node, operand index: Int) {
    guard index == 2, node.operands.count > 2,
      let input = graph[node.operands[0]].quantization,
      let weights = graph[node.operands[1]].quantization,
      graph[node.operands[2]].element == .i32, !graph[node.operands[2]].isQuantized
    else { return nil }
    factors = weights.scales.map { Double($0) * Double(input.scale) }
  }
}
