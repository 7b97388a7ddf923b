import IR

/// `broadcast_to(x)` to x's own shape → `x`
struct DropIdentityBroadcast: Pattern {
  static let name = "drop-identity-broadcast"
  func rewrite(_ root: BroadcastTo, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    dropIfSameType(id, &rewriter)
  }
}

/// `f(broadcast_to(x), y)` → `f(x, y)` where f broadcasts by itself to the same shape. Exact.
struct DropBroadcastBelow<Function: Operation>: Pattern {
  static var name: String { "drop-broadcast-below-\(Function.mnemonic)" }
  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    for (index, operand) in node.operands.enumerated() {
      guard let (inner, _) = graph.defining(operand, as: BroadcastTo.self) else { continue }
      let source = graph[inner].operands[0]
      var shapes = node.operands.map { graph[$0].shape }
      shapes[index] = graph[source].shape
      guard shapes.allSatisfy(\.isStatic), Shape.broadcast(shapes) == graph[node.results[0]].shape
      else { continue }
      rewriter.setOperand(index, of: id, to: source)
      return true
    }
    return false
  }
}
