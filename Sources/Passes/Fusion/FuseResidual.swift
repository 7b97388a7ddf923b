import IR

/// The addition of another branch joins the layer before it.
///
/// ```
/// %0 = conv2d(%x, @w, @b)
/// %1 = add(%0, %skip) {minimum = 0}      →  %1 = conv2d(%x, @w, @b, %skip) {minimum = 0}
/// ```
struct FuseResidual<Product: LayerWithEpilogue>: Pattern {
  static var name: String { "fuse-residual-into-\(Product.mnemonic)" }

  func rewrite(_ root: Add, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let type = graph[node.results[0]]
    guard type.element.isFloat, !type.isQuantized else { return false }
    for (side, other) in [(0, 1), (1, 0)] {
      guard let (layer, product) = graph.defining(node.operands[side], as: Product.self),
        node.operands[side] != node.operands[other], graph[layer].block == node.block
      else { continue }
      if let reason = refusal(layer, product, node, other, graph) {
        rewriter.declined(id, by: Self.name, because: reason)
        continue
      }
      let source = graph[layer]
      let channels = graph[source.operands[1]].shape
      let bias =
        source.operands.count > 2
        ? source.operands[2]
        : rewriter.constant(.zeros(type.element, [Product.outputs(channels)]))
      var fused = product
      (fused.minimum, fused.maximum) = (root.minimum, root.maximum)
      let value = try rewriter.insertOne(
        fused, [source.operands[0], source.operands[1], bias, node.operands[other]], before: id,
        at: source.location.joined(with: node.location))
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }

  /// Why the addition cannot join; nil where it can.
  private func refusal(
    _ layer: OperationID, _ product: Product, _ node: Node, _ other: Int, _ graph: Graph
  ) -> String? {
    let result = graph[layer].results[0]
    if !graph.hasOneUse(result) { return "the layer's result is used elsewhere too" }
    if product.activation != .none || product.hasClamp { return "an activation stands in between" }
    if graph[layer].operands.count > 3 { return "the layer has a residual already" }
    let types = [graph[result], graph[node.operands[other]]]
    if !types.allSatisfy({ $0 == graph[node.results[0]] && $0.shape.isStatic }) {
      return "the addition broadcasts"
    }
    if graph.constant(node.operands[other]) != nil { return "the other side is a constant" }
    return nil
  }
}

extension LayerWithEpilogue {
  /// The output channels that weights of this shape make.
  static func outputs(_ weights: Shape) -> Int {
    Self.self == DepthwiseConv2D.self ? weights[3] : weights[0]
  }
}

extension Tensor {
  /// A tensor of zeros.
  static func zeros(_ element: ElementType, _ shape: Shape) -> Tensor {
    Tensor.from(doubles: [Double](repeating: 0, count: shape.count), element, shape)
  }
}
