import IR

/// Layer normalisation, written out; scale and bias join it afterwards.
///
/// ```
/// %0 = reduce_mean(%x) {axes = [2]}
/// %1 = sub(%x, %0)
/// %2 = pow(%1, @2)
/// %3 = reduce_mean(%2) {axes = [2]}      →  %6 = layer_norm(%x, @ones) {axis = 2}
/// %4 = add(%3, @epsilon)
/// %5 = sqrt(%4)
/// %6 = div(%1, %5)
/// ```
struct RecognizeLayerNorm<Root: BoundedBinary>: Pattern {
  static var name: String { "recognize-layer-norm-at-\(Root.mnemonic)" }

  func rewrite(_ root: Root, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    guard root.isUnbounded, let inverse = InverseRoot(id, graph),
      inverse.numerator == inverse.squared,
      let (centred, difference) = graph.defining(inverse.numerator, as: Subtract.self),
      difference.isUnbounded
    else { return false }
    let x = graph[centred].operands[0]
    guard let (mean, reduction) = graph.defining(graph[centred].operands[1], as: ReduceMean.self),
      reduction.keepDimensions, graph[mean].operands[0] == x,
      graph[x] == graph[graph[id].results[0]], graph[x].element.isFloat
    else { return false }
    let rank = graph[x].rank
    guard reduction.axes.map({ $0 < 0 ? $0 + rank : $0 }).sorted() == inverse.axes else {
      rewriter.declined(id, by: Self.name, because: "mean and variance run over different axes")
      return false
    }
    let extents = inverse.axes.map { graph[x].shape[$0] }
    guard !extents.contains(Shape.unknown) else { return false }
    var norm = LayerNorm()
    norm.axis = inverse.axes[0]
    norm.epsilon = inverse.epsilon
    let ones = rewriter.constant(.ones(graph[x].element, Shape(extents)))
    let value = try rewriter.insertOne(norm, [x, ones], before: id, at: graph[id].location)
    rewriter.replace(id, with: [value])
    return true
  }
}

extension Tensor {
  /// A tensor of ones.
  static func ones(_ element: ElementType, _ shape: Shape) -> Tensor {
    Tensor.from(doubles: [Double](repeating: 1, count: shape.count), element, shape)
  }
}
