import IR

/// `hard_swish(conv2d(x, @w, @b))` → `conv2d(x, @w, @b) {activation = "hard_swish"}`, and so for the
/// other layers and activations; also where a reshape stands in between, which then follows
struct FuseActivation<Product: LayerWithEpilogue, Function: Operation>: Pattern {
  static var name: String { "fuse-\(Function.mnemonic)-into-\(Product.mnemonic)" }

  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let reshape = graph.defining(node.operands[0], as: Reshape.self)
    let sums = reshape.map { graph[$0.0].operands[0] } ?? node.operands[0]
    guard let (layer, product) = graph.defining(sums, as: Product.self),
      let (activation, alpha) = Activation.of(root), graph[layer].block == node.block
    else { return false }
    let type = graph[sums]
    guard type.element == .f32, !type.isQuantized, reshape == nil || graph[id].isStatic(graph)
    else { return false }
    guard graph.hasOneUse(node.operands[0]), graph.hasOneUse(sums) else {
      rewriter.declined(id, by: Self.name, because: "the sums are used elsewhere too")
      return false
    }
    guard product.activation == .none, !product.hasClamp else {
      rewriter.declined(id, by: Self.name, because: "another activation stands in between")
      return false
    }
    var fused = product
    fused.activation = activation
    fused.alpha = alpha
    let source = graph[layer]
    var value = try rewriter.insertOne(
      fused, source.operands, before: id, at: source.location.joined(with: node.location))
    if let reshape {
      let shape = graph[node.results[0]].shape.dimensions
      value = try rewriter.insertOne(
        Reshape(to: shape), [value], before: id, at: graph[reshape.0].location)
    }
    rewriter.replace(id, with: [value])
    return true
  }
}

extension Node {
  /// Whether the extents of the first result are known.
  func isStatic(_ graph: Graph) -> Bool { graph[results[0]].shape.isStatic }
}
