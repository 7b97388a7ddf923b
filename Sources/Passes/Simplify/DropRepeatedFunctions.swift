import IR

/// `f(f(x))` → `f(x)` for an f that changes nothing the second time: `abs`, `floor`, `ceil`,
/// `round`, `sign`. Exact.
struct DropRepeatedFunction<Function: Operation>: Pattern {
  static var name: String { "drop-repeated-\(Function.mnemonic)" }
  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard rewriter.graph.defining(node.operands[0], as: Function.self) != nil,
      !rewriter.graph[node.operands[0]].isQuantized
    else { return false }
    return dropIfSameType(id, &rewriter)
  }
}

/// `f(x, x)` → `x` for `maximum`, `minimum`, `and`, `or`. Exact.
struct DropEqualOperands<Function: Operation>: Pattern {
  static var name: String { "drop-equal-operands-of-\(Function.mnemonic)" }
  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard node.operands[0] == node.operands[1] else { return false }
    return dropIfSameType(id, &rewriter)
  }
}

/// `abs(negate(x))` → `abs(x)`. Exact.
struct DropNegationBelowAbsolute: Pattern {
  static let name = "drop-negation-below-absolute"
  func rewrite(_ root: Absolute, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (inner, _) = graph.defining(node.operands[0], as: Negate.self),
      !graph[node.operands[0]].isQuantized
    else { return false }
    rewriter.setOperand(0, of: id, to: graph[inner].operands[0])
    return true
  }
}
