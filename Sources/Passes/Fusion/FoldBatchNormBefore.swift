import IR

/// A layer with constant weights whose input channels can be scaled and shifted.
protocol ShiftableProduct: ScalableProduct {
  /// The input channel that the weight at a row-major offset is multiplied with, of `channels`.
  func inputChannel(_ offset: Int, _ weights: Shape, _ channels: Int) -> Int
  /// Whether the layer reads zeros around its input, which a shift would have to reach too.
  var readsPadding: Bool { get }
}

extension Conv2D: ShiftableProduct {
  func inputChannel(_ offset: Int, _ weights: Shape, _ channels: Int) -> Int {
    let output = Self.outputChannel(offset, weights)
    return output / (weights[0] / groups) * weights[3] + offset % weights[3]
  }
  var readsPadding: Bool { pad.contains { $0 != 0 } }
}

extension DepthwiseConv2D: ShiftableProduct {
  func inputChannel(_ offset: Int, _ weights: Shape, _ channels: Int) -> Int {
    offset % weights[3] / (weights[3] / max(channels, 1))
  }
  var readsPadding: Bool { pad.contains { $0 != 0 } }
}

extension FullyConnected: ShiftableProduct {
  func inputChannel(_ offset: Int, _ weights: Shape, _ channels: Int) -> Int {
    offset % weights[1]
  }
  var readsPadding: Bool { false }
}

/// `product(batch_norm(x, …), @w, @b)` → `product(x, @w·f, @b + Σ @w·o)`
///
/// A convolution must not pad, unless the normalisation shifts nothing.
struct FoldBatchNormIntoNextProduct<Product: ShiftableProduct>: Pattern {
  static var name: String { "fold-batch-norm-into-next-\(Product.mnemonic)" }

  func rewrite(_ root: Product, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (before, norm) = graph.defining(node.operands[0], as: BatchNorm.self) else {
      return false
    }
    guard graph.hasOneUse(node.operands[0]) else {
      rewriter.declined(id, by: Self.name, because: "the normalised value is used elsewhere too")
      return false
    }
    guard let affine = ChannelAffine(norm, before, graph),
      let folded = fold(root, node, affine, graph)
    else {
      rewriter.declined(id, by: Self.name, because: "weights or statistics are not constant")
      return false
    }
    guard !root.readsPadding || affine.offset.allSatisfy({ $0 == 0 }) else {
      rewriter.declined(id, by: Self.name, because: "the layer pads what the normalisation shifts")
      return false
    }
    let weightName = graph.name(of: node.operands[1])
    let biasName = node.operands.count > 2 ? graph.name(of: node.operands[2]) : nil
    let weights = rewriter.constant(folded.weights, name: weightName)
    let bias = rewriter.constant(folded.bias, name: biasName ?? weightName.map { $0 + ".bias" })
    let value = try rewriter.insertOne(
      root, [graph[before].operands[0], weights, bias] + node.operands.dropFirst(3), before: id,
      at: graph[before].location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }

  private func fold(
    _ root: Product, _ node: Node, _ affine: ChannelAffine, _ graph: Graph
  ) -> (weights: Tensor, bias: Tensor)? {
    guard let weights = graph.constant(node.operands[1]), weights.element.isFloat else { return nil }
    var bias = [Double](repeating: 0, count: Product.outputs(weights.shape))
    if node.operands.count > 2 {
      guard let old = graph.constant(node.operands[2]) else { return nil }
      bias = old.doubles()
    }
    var scaled = weights.doubles()
    for (offset, weight) in scaled.enumerated() {
      let channel = root.inputChannel(offset, weights.shape, affine.factor.count)
      scaled[offset] = weight * affine.factor[channel]
      bias[Product.outputChannel(offset, weights.shape)] += weight * affine.offset[channel]
    }
    return (
      Tensor.from(doubles: scaled, weights.element, weights.shape),
      Tensor.from(doubles: bias, weights.element, [bias.count])
    )
  }
}
