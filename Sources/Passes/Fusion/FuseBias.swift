import IR

/// `add(product(x, @w[, @b]), @c)` with one c per output channel → `product(x, @w, @b + c)`
struct FuseBias<Product: ScalableProduct>: Pattern {
  static var name: String { "fuse-bias-into-\(Product.mnemonic)" }

  func rewrite(_ root: Add, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let sides = [(0, 1), (1, 0)].compactMap { layerSide, otherSide in
      graph.defining(node.operands[layerSide], as: Product.self).map { ($0, layerSide, otherSide) }
    }
    guard let ((layer, product), layerSide, otherSide) = sides.first,
      let added = graph.constant(node.operands[otherSide]), added.element.isFloat,
      !added.type.isQuantized
    else { return false }
    guard graph.hasOneUse(node.operands[layerSide]),
      !product.hasEpilogue(graph[layer].operands.count)
    else {
      rewriter.declined(id, by: Self.name, because: "the layer's result is used or clamped before")
      return false
    }
    let result = graph[node.results[0]]
    guard graph[node.operands[layerSide]] == result,
      let channels = result.shape.dimensions.last,
      added.shape.dimensions.dropLast().allSatisfy({ $0 == 1 }),
      added.count == channels || added.count == 1,
      let bias = oldBias(layer, channels, graph)
    else { return false }
    let extra = added.doubles()
    let sums = bias.indices.map { bias[$0] + extra[added.count == 1 ? 0 : $0] }
    let source = graph[layer]
    let name = graph.name(of: node.operands[otherSide])
    let constant = rewriter.constant(
      Tensor.from(doubles: sums, result.element, [channels]), name: name)
    var value = try rewriter.insertOne(
      product, [source.operands[0], source.operands[1], constant], before: id,
      at: source.location.joined(with: node.location))
    if root.minimum > -.infinity || root.maximum < .infinity {
      var clamp = Clamp()
      clamp.minimum = root.minimum
      clamp.maximum = root.maximum
      value = try rewriter.insertOne(clamp, [value], before: id, at: node.location)
    }
    rewriter.replace(id, with: [value])
    return true
  }

  private func oldBias(_ layer: OperationID, _ channels: Int, _ graph: Graph) -> [Double]? {
    let operands = graph[layer].operands
    guard operands.count > 2 else { return [Double](repeating: 0, count: channels) }
    guard let bias = graph.constant(operands[2]), bias.element.isFloat else { return nil }
    return bias.doubles()
  }
}

/// `add(reshape(product), @c)` with one c per last index → `reshape(add(product, @c))`, so that the
/// bias of a product over more than two dimensions meets its layer
struct MoveAddOverReshape: Pattern {
  static let name = "move-add-over-reshape"

  func rewrite(_ root: Add, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let side = [0, 1].first(where: { reshapedProduct(node.operands[$0], graph) != nil }),
      let source = reshapedProduct(node.operands[side], graph),
      let added = graph.constant(node.operands[1 - side]), added.rank == 1,
      !added.type.isQuantized, graph.hasOneUse(node.operands[side]),
      graph[node.operands[side]] == graph[node.results[0]],
      graph[source].shape.dimensions.last == added.count,
      graph[node.results[0]].shape.dimensions.last == added.count,
      graph[node.results[0]].shape.isStatic
    else { return false }
    let sum = try rewriter.insertOne(
      root, [source, node.operands[1 - side]], before: id, at: node.location)
    let value = try rewriter.insertOne(
      Reshape(to: graph[node.results[0]].shape.dimensions), [sum], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }

  private func reshapedProduct(_ value: Value, _ graph: Graph) -> Value? {
    guard let (id, _) = graph.defining(value, as: Reshape.self) else { return nil }
    let source = graph[id].operands[0]
    return graph.defining(source, as: FullyConnected.self) == nil ? nil : source
  }
}
