import IR

/// Hard swish, written with a hard sigmoid or with a clamp.
///
/// ```
/// %0 = add(%x, @3)
/// %1 = clamp(%0) {minimum = 0, maximum = 6}      →  %3 = hard_swish(%x)
/// %2 = mul(%x, %1)
/// %3 = div(%2, @6)
/// ```
struct RecognizeHardSwish<Root: BoundedBinary>: Pattern {
  static var name: String { "recognize-hard-swish-at-\(Root.mnemonic)" }

  func rewrite(_ root: Root, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let result = graph[id].results[0]
    guard root.isUnbounded, graph[result].element.isFloat else { return false }
    let product = FactorList(result, graph)
    guard product.factors.count == 2 else { return false }
    for (x, gate) in [(0, 1), (1, 0)].map({ (product.factors[$0], product.factors[$1]) }) {
      guard graph[x] == graph[result], let height = gateHeight(gate, of: x, graph),
        isNear(product.constant * height, 1)
      else { continue }
      let value = try rewriter.insertOne(HardSwish(), [x], before: id, at: graph[id].location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }

  /// What the gate `min(max(x + 3, 0), 6)`, or a sixth of it, reaches; nil where it is no gate.
  private func gateHeight(_ gate: Value, of x: Value, _ graph: Graph) -> Double? {
    if let (id, sigmoid) = graph.defining(gate, as: HardSigmoid.self) {
      let fits = isNear(Double(sigmoid.alpha), 1.0 / 6) && sigmoid.beta == 0.5
      return fits && graph[id].operands[0] == x ? 1 : nil
    }
    if let (id, clamp) = graph.defining(gate, as: Clamp.self) {
      guard clamp.minimum == 0, clamp.maximum == 6,
        let sum = ShiftedValue(graph[id].operands[0], graph), sum.isUnbounded
      else { return nil }
      return sum.constant == 3 && sum.value == x ? 6 : nil
    }
    guard let sum = ShiftedValue(gate, graph), sum.minimum == 0, sum.maximum == 6 else {
      return nil
    }
    return sum.constant == 3 && sum.value == x ? 6 : nil
  }
}
