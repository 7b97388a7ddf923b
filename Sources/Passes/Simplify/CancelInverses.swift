import IR

/// `negate(negate(x))` → `x`. Exact, also on integers that wrap.
struct CancelNegations: Pattern {
  static let name = "cancel-negations"
  func rewrite(_ root: Negate, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    cancel(Negate.self, id, &rewriter)
  }
}

/// `not(not(x))` → `x`. Exact.
struct CancelNots: Pattern {
  static let name = "cancel-nots"
  func rewrite(_ root: BitwiseNot, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    cancel(BitwiseNot.self, id, &rewriter)
  }
}

private func cancel<Op: Operation>(
  _: Op.Type, _ id: OperationID, _ rewriter: inout Rewriter
) -> Bool {
  let graph = rewriter.graph
  let node = graph[id]
  guard let (inner, _) = graph.defining(node.operands[0], as: Op.self) else { return false }
  let source = graph[inner].operands[0]
  guard graph[source] == graph[node.results[0]], !graph[source].isQuantized else { return false }
  rewriter.replace(id, with: [source])
  return true
}
