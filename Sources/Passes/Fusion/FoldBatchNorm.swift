import IR

/// Folds batch normalisation into the convolution or fully connected layer before it or behind it;
/// what cannot be folded becomes a multiplication and an addition.
public struct FoldBatchNorm: Pass {
  public static let name = "fold-batch-norm"
  public static let summary = "folds batch normalisation into the layer before or behind it"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    // The layer before may stand behind the transposes of an NCHW model, or be a product with a
    // matrix whose bias is an addition of its own.
    try PatternDriver([
      AnyPattern(DropIdentityTranspose()), AnyPattern(MergeTransposes()),
      AnyPattern(FoldBatchNormIntoProduct<Conv2D>()),
      AnyPattern(FoldBatchNormIntoProduct<DepthwiseConv2D>()),
      AnyPattern(FoldBatchNormIntoProduct<FullyConnected>()),
      AnyPattern(FoldBatchNormIntoNextProduct<Conv2D>()),
      AnyPattern(FoldBatchNormIntoNextProduct<DepthwiseConv2D>()),
      AnyPattern(FoldBatchNormIntoNextProduct<FullyConnected>()),
      AnyPattern(TurnMatMulIntoFullyConnected()), AnyPattern(DropIdentityReshape()),
      AnyPattern(FuseBias<Conv2D>()), AnyPattern(FuseBias<DepthwiseConv2D>()),
      AnyPattern(FuseBias<FullyConnected>()),
    ]).run(on: &rewriter)
    try PatternDriver([AnyPattern(LowerBatchNorm())]).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}

/// The affine function that a batch normalisation is, per channel.
struct ChannelAffine {
  let factor: [Double]
  let offset: [Double]

  /// nil where the parameters are not constants.
  init?(_ norm: BatchNorm, _ id: OperationID, _ graph: Graph) {
    let parameters = graph[id].operands.dropFirst().compactMap { value in
      ChannelAffine.constant(value, graph)?.doubles()
    }
    guard parameters.count == 4 else { return nil }
    let channels = parameters[0].indices
    let factor = channels.map { parameters[0][$0] / (parameters[3][$0] + Double(norm.epsilon)).squareRoot() }
    self.factor = factor
    offset = channels.map { parameters[1][$0] - parameters[2][$0] * factor[$0] }
  }

  /// The value of a constant, also of one that is stored in integers and dequantised.
  private static func constant(_ value: Value, _ graph: Graph) -> Tensor? {
    if let tensor = graph.constant(value) { return tensor }
    guard let (id, _) = graph.defining(value, as: Dequantize.self) else { return nil }
    return graph.constant(graph[id].operands[0])?.dequantized()
  }
}

/// A layer with constant weights and an optional bias, whose output channels can be scaled.
protocol ScalableProduct: LayerWithEpilogue {
  /// The output channel of the weight at a row-major offset.
  static func outputChannel(_ offset: Int, _ weights: Shape) -> Int
}

extension Conv2D: ScalableProduct {
  static func outputChannel(_ offset: Int, _ weights: Shape) -> Int {
    offset / (weights[1] * weights[2] * weights[3])
  }
}
extension DepthwiseConv2D: ScalableProduct {
  static func outputChannel(_ offset: Int, _ weights: Shape) -> Int { offset % weights[3] }
}
extension FullyConnected: ScalableProduct {
  static func outputChannel(_ offset: Int, _ weights: Shape) -> Int { offset / weights[1] }
}

extension ScalableProduct {
  /// Whether something other than a bias stands between the sums and the result.
  func hasEpilogue(_ operandCount: Int) -> Bool {
    hasClamp || activation != .none || operandCount > 3
  }
}

/// `batch_norm(product(x, @w, @b), …)` → `product(x, @w·f, @b·f + o)`
struct FoldBatchNormIntoProduct<Product: ScalableProduct>: Pattern {
  static var name: String { "fold-batch-norm-into-\(Product.mnemonic)" }

  func rewrite(_ root: BatchNorm, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (layer, product) = graph.defining(node.operands[0], as: Product.self) else {
      return false
    }
    guard graph.hasOneUse(node.operands[0]) else {
      rewriter.declined(id, by: Self.name, because: "the layer's result is used elsewhere too")
      return false
    }
    guard !product.hasEpilogue(graph[layer].operands.count) else {
      rewriter.declined(id, by: Self.name, because: "an activation stands in between")
      return false
    }
    guard let affine = ChannelAffine(root, id, graph),
      let folded = fold(layer, affine, graph)
    else {
      rewriter.declined(id, by: Self.name, because: "weights or statistics are not constant")
      return false
    }
    let source = graph[layer]
    let weights = rewriter.constant(folded.weights, name: graph.name(of: source.operands[1]))
    let biasName = source.operands.count > 2 ? graph.name(of: source.operands[2]) : nil
    let bias = rewriter.constant(
      folded.bias, name: biasName ?? graph.name(of: source.operands[1]).map { $0 + ".bias" })
    let value = try rewriter.insertOne(
      product, [source.operands[0], weights, bias], before: id,
      at: source.location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }

  private func fold(
    _ layer: OperationID, _ affine: ChannelAffine, _ graph: Graph
  ) -> (weights: Tensor, bias: Tensor)? {
    let operands = graph[layer].operands
    guard let weights = graph.constant(operands[1]), weights.element.isFloat else { return nil }
    let bias = operands.count > 2 ? graph.constant(operands[2])?.doubles() : affine.factor.map { _ in 0 }
    guard let bias else { return nil }
    let scaled = weights.doubles().enumerated().map { offset, weight in
      weight * affine.factor[Product.outputChannel(offset, weights.shape)]
    }
    let shifted = bias.indices.map { bias[$0] * affine.factor[$0] + affine.offset[$0] }
    return (
      Tensor.from(doubles: scaled, weights.element, weights.shape),
      Tensor.from(doubles: shifted, weights.element, [shifted.count])
    )
  }
}

/// `batch_norm(x, …)` over NHWC → `depthwise_conv2d(x, @f, @o)` with one tap; over other shapes →
/// `add(mul(x, @f), @o)`
struct LowerBatchNorm: Pattern {
  static let name = "lower-batch-norm"

  func rewrite(_ root: BatchNorm, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard let affine = ChannelAffine(root, id, rewriter.graph) else { return false }
    let type = rewriter.graph[node.operands[0]]
    let channels = affine.factor.count
    let isImage = type.rank == 4
    let factor = Tensor.from(
      doubles: affine.factor, type.element, isImage ? [1, 1, 1, channels] : [channels])
    let offset = Tensor.from(doubles: affine.offset, type.element, [channels])
    let names = [1, 2].map { rewriter.graph.name(of: node.operands[$0]) }
    let constants = [
      rewriter.constant(factor, name: names[0]), rewriter.constant(offset, name: names[1]),
    ]
    let value: Value
    if isImage {
      value = try rewriter.insertOne(
        DepthwiseConv2D(), [node.operands[0]] + constants, before: id, at: node.location)
    } else {
      let scaled = try rewriter.insertOne(
        Multiply(), [node.operands[0], constants[0]], before: id, at: node.location)
      value = try rewriter.insertOne(
        Add(), [scaled, constants[1]], before: id, at: node.location)
    }
    rewriter.replace(id, with: [value])
    return true
  }
}
