import IR

/// The mean over an image whose result is to have NCHW's axes is taken over planes, which the
/// convolution before it writes.
///
/// ```
/// %0 = conv2d(%x, @w, @b)                       %0 = conv2d(%x, @w, @b) {result_layout = "nchw"}
/// %1 = reduce_mean(%0) {axes = [1, 2]}     →    %1 = reduce_mean(%0) {axes = [2, 3]}
/// %2 = softmax(%1) {axis = 1}                   %2 = softmax(%1) {axis = 1}
/// %3 = reshape(%2) {shape = [1, 10, 1, 1]}
/// ```
struct ReducePlanarImage: Pattern {
  static let name = "reduce-planar-image"

  func rewrite(_ root: Reshape, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let result = graph[node.results[0]]
    let softmax = graph.defining(node.operands[0], as: Softmax.self)
    let mean = softmax.map { graph[$0.0].operands[0] } ?? node.operands[0]
    guard let (reduction, operation) = graph.defining(mean, as: ReduceMean.self),
      operation.axes == [1, 2], graph.hasOneUse(mean), graph.hasOneUse(node.operands[0]),
      let (layer, product) = graph.defining(graph[reduction].operands[0], as: Conv2D.self),
      graph.hasOneUse(graph[reduction].operands[0]), graph[layer].operands.count <= 3
    else { return false }
    let image = graph[graph[layer].results[0]]
    guard image.element == .f32, !image.isQuantized, product.resultLayout == .nhwc,
      image.shape.isStatic, result.shape.dimensions == [image.shape[0], image.shape[3], 1, 1],
      sumsChannels(softmax?.1, graph[mean].rank)
    else { return false }
    var writing = product
    writing.resultLayout = .nchw
    var planar = operation
    planar.axes = [2, 3]
    planar.keepDimensions = true
    var value = try rewriter.insertOne(
      writing, graph[layer].operands, before: id, at: graph[layer].location)
    value = try rewriter.insertOne(planar, [value], before: id, at: graph[reduction].location)
    if let softmax {
      var function = softmax.1
      function.axis = 1
      value = try rewriter.insertOne(
        function, [value], before: id, at: graph[softmax.0].location.joined(with: node.location))
    }
    rewriter.replace(id, with: [value])
    return true
  }

  /// Whether `softmax`, if there is one, runs over the channels of a mean of this rank.
  private func sumsChannels(_ softmax: Softmax?, _ rank: Int) -> Bool {
    guard let softmax else { return true }
    return softmax.axis == -1 || softmax.axis == rank - 1
  }
}
