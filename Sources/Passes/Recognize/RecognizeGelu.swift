import IR

/// The Gaussian error linear unit, written out with the error function, in any order of its factors.
///
/// ```
/// %0 = div(%x, @√2)
/// %1 = erf(%0)
/// %2 = add(%1, @1)          →  %4 = gelu(%x)
/// %3 = mul(%x, %2)
/// %4 = mul(%3, @0.5)
/// ```
struct RecognizeGelu<Root: BoundedBinary>: Pattern {
  static var name: String { "recognize-gelu-at-\(Root.mnemonic)" }

  func rewrite(_ root: Root, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let result = graph[id].results[0]
    guard root.isUnbounded else { return false }
    let product = FactorList(result, graph)
    guard isNear(product.constant, 0.5), product.factors.count == 2 else { return false }
    for (x, other) in [(0, 1), (1, 0)].map({ (product.factors[$0], product.factors[$1]) }) {
      guard graph[x] == graph[result], isErrorFactor(other, of: x, graph) else { continue }
      let value = try rewriter.insertOne(Gelu(), [x], before: id, at: graph[id].location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }

  /// `1 + erf(x / √2)`
  private func isErrorFactor(_ value: Value, of x: Value, _ graph: Graph) -> Bool {
    guard let sum = ShiftedValue(value, graph), sum.constant == 1, sum.isUnbounded,
      let (erf, _) = graph.defining(sum.value, as: ErrorFunction.self)
    else { return false }
    return FactorList(graph[erf].operands[0], graph, isRoot: false)
      .isPower(of: x, 1, times: 0.5.squareRoot())
  }
}
