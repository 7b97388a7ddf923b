import IR

/// Normalisation by the root of the mean square, written out; its scale joins it afterwards.
///
/// ```
/// %0 = mul(%x, %x)
/// %1 = reduce_mean(%0) {axes = [2]}
/// %2 = add(%1, @epsilon)                 →  %4 = rms_norm(%x, @ones) {axis = 2}
/// %3 = rsqrt(%2)
/// %4 = mul(%x, %3)
/// ```
struct RecognizeRMSNorm<Root: BoundedBinary>: Pattern {
  static var name: String { "recognize-rms-norm-at-\(Root.mnemonic)" }

  func rewrite(_ root: Root, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    guard root.isUnbounded, let inverse = InverseRoot(id, graph),
      inverse.numerator == inverse.squared,
      graph[inverse.numerator] == graph[graph[id].results[0]]
    else { return false }
    let x = inverse.numerator
    // A centred value is a layer norm's.
    if let (_, _) = graph.defining(x, as: Subtract.self) { return false }
    let extents = inverse.axes.map { graph[x].shape[$0] }
    guard !extents.contains(Shape.unknown), graph[x].element.isFloat else { return false }
    var norm = RMSNorm()
    norm.axis = inverse.axes[0]
    norm.epsilon = inverse.epsilon
    let ones = rewriter.constant(.ones(graph[x].element, Shape(extents)))
    let value = try rewriter.insertOne(norm, [x, ones], before: id, at: graph[id].location)
    rewriter.replace(id, with: [value])
    return true
  }
}
