import IR

/// `hard_swish(conv2d(x, @w, @b))` → `conv2d(x, @w, @b) {activation = "hard_swish"}`, and so for the
/// other layers and activations
struct FuseActivation<Product: LayerWithEpilogue, Function: Operation>: Pattern {
  static var name: String { "fuse-\(Function.mnemonic)-into-\(Product.mnemonic)" }

  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (layer, product) = graph.defining(node.operands[0], as: Product.self),
      let (activation, alpha) = Activation.of(root), graph[layer].block == node.block
    else { return false }
    let type = graph[node.operands[0]]
    guard type.element == .f32, !type.isQuantized else { return false }
    guard graph.hasOneUse(node.operands[0]) else {
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
    let value = try rewriter.insertOne(
      fused, source.operands, before: id, at: source.location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }
}
