import IR

/// `mul(x, 0)` on plain integers → 0, where the result is small. Not on floats: ∞ · 0 is NaN.
struct TurnIntegerProductIntoZero: Pattern {
  static let name = "turn-integer-product-into-zero"
  func rewrite(_ root: Multiply, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (_, tensor) = graph.constantSide(of: node), tensor.isFilled(with: 0) else {
      return false
    }
    return becomeZero(id, (root.minimum, root.maximum), &rewriter)
  }
}

/// `sub(x, x)` on plain integers → 0, where the result is small. Not on floats: ∞ − ∞ is NaN.
struct TurnIntegerDifferenceIntoZero: Pattern {
  static let name = "turn-integer-difference-into-zero"
  func rewrite(_ root: Subtract, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    guard node.operands[0] == node.operands[1] else { return false }
    return becomeZero(id, (root.minimum, root.maximum), &rewriter)
  }
}

private func becomeZero(
  _ id: OperationID, _ bounds: (Float, Float), _ rewriter: inout Rewriter
) -> Bool {
  let result = rewriter.graph[rewriter.graph[id].results[0]]
  guard result.element.isInteger, !result.isQuantized, !hasBounds(bounds.0, bounds.1),
    let count = result.shape.checkedCount, count <= FoldConstants.freeGrowth
  else { return false }
  let zeros = Tensor.from(
    integers: [Int](repeating: 0, count: count), result.element, result.shape)
  rewriter.replace(id, with: [rewriter.constant(zeros)])
  return true
}
