import IR

/// `add(x, 0)` → `x`. Exact as numbers: only −0 + 0 has another sign.
struct DropAdditionOfZero: Pattern {
  static let name = "drop-addition-of-zero"
  func rewrite(_ root: Add, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try dropNeutral(0, id, sides: [0, 1], (root.minimum, root.maximum), &rewriter)
  }
}

/// `sub(x, 0)` → `x`. Exact.
struct DropSubtractionOfZero: Pattern {
  static let name = "drop-subtraction-of-zero"
  func rewrite(_ root: Subtract, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try dropNeutral(0, id, sides: [1], (root.minimum, root.maximum), &rewriter)
  }
}

/// `mul(x, 1)` → `x`. Exact.
struct DropMultiplicationByOne: Pattern {
  static let name = "drop-multiplication-by-one"
  func rewrite(_ root: Multiply, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try dropNeutral(1, id, sides: [0, 1], (root.minimum, root.maximum), &rewriter)
  }
}

/// `div(x, 1)` → `x`. Exact.
struct DropDivisionByOne: Pattern {
  static let name = "drop-division-by-one"
  func rewrite(_ root: Divide, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try dropNeutral(1, id, sides: [1], (root.minimum, root.maximum), &rewriter)
  }
}

/// `pow(x, 1)` → `x`. Exact.
struct DropPowerOfOne: Pattern {
  static let name = "drop-power-of-one"
  func rewrite(_ root: Power, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try dropNeutral(1, id, sides: [1], (-.infinity, .infinity), &rewriter)
  }
}

/// Replaces a binary operation by its other operand where the constant one, on one of `sides`, is
/// filled with `neutral` and does not widen the result.
private func dropNeutral(
  _ neutral: Double, _ id: OperationID, sides: [Int], _ bounds: (Float, Float),
  _ rewriter: inout Rewriter
) throws -> Bool {
  let graph = rewriter.graph
  let node = graph[id]
  guard let (side, tensor) = graph.constantSide(of: node), sides.contains(side),
    graph[node.operands[1 - side]] == graph[node.results[0]], tensor.isFilled(with: neutral)
  else { return false }
  try replace(id, with: node.operands[1 - side], clampedTo: bounds, &rewriter)
  return true
}
