import IR

/// `f(@c, x)` → `f(x, @c)` for a commutative f. Exact.
struct MoveConstantRight<Function: Operation>: Pattern {
  static var name: String { "move-constant-right-of-\(Function.mnemonic)" }
  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let operands = graph[id].operands
    guard let (side, _) = graph.constantSide(of: graph[id]), side == 0 else { return false }
    rewriter.setOperand(0, of: id, to: operands[1])
    rewriter.setOperand(1, of: id, to: operands[0])
    return true
  }
}

/// `sub(x, @c)` → `add(x, @−c)`. Exact, also on integers that wrap.
struct TurnSubtractionIntoAddition: Pattern {
  static let name = "turn-subtraction-into-addition"
  func rewrite(_ root: Subtract, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (side, tensor) = graph.constantSide(of: node), side == 1,
      tensor.element.isFloat || tensor.element.isSignedInteger,
      let negated = try? Negate().evaluate(
        [tensor], EvaluationContext(resultTypes: [tensor.type])).first
    else { return false }
    var sum = Add()
    (sum.minimum, sum.maximum) = (root.minimum, root.maximum)
    let constant = rewriter.constant(negated, name: graph.name(of: node.operands[1]))
    let value = try rewriter.insertOne(
      sum, [node.operands[0], constant], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `add(add(x, @a), @b)` → `add(x, @(a + b))`. Integers: exact. Floats: within rounding; only where
/// no a and b cancel, since (x + 2²³) − 2²³ is how some models round.
struct MergeAdditions: Pattern {
  static let name = "merge-additions"
  func rewrite(_ root: Add, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try mergeConstants(root, (root.minimum, root.maximum), id, &rewriter) { inner, a, b in
      guard !hasBounds(inner.minimum, inner.maximum) else { return false }
      return zip(a, b).allSatisfy { $0 * $1 >= 0 }
    }
  }
}

/// `mul(mul(x, @a), @b)` → `mul(x, @(a · b))`. Integers: exact. Floats: within rounding; only for
/// factors of ordinary size, so that nothing overflows or vanishes on the way.
struct MergeMultiplications: Pattern {
  static let name = "merge-multiplications"
  func rewrite(_ root: Multiply, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    try mergeConstants(root, (root.minimum, root.maximum), id, &rewriter) { inner, a, b in
      guard !hasBounds(inner.minimum, inner.maximum) else { return false }
      let isOrdinary = { (value: Double) in
        value == 0 || (value.magnitude > 1e-6 && value.magnitude < 1e6)
      }
      return a.allSatisfy(isOrdinary) && b.allSatisfy(isOrdinary)
    }
  }
}

/// Joins the constants of two operations of one kind in a row. `isSafe` sees the inner operation
/// and, for floats, the pairs of constants, broadcast to each other.
private func mergeConstants<Function: Operation>(
  _ root: Function, _ bounds: (Float, Float), _ id: OperationID, _ rewriter: inout Rewriter,
  isSafe: (Function, [Double], [Double]) -> Bool
) throws -> Bool {
  let graph = rewriter.graph
  let node = graph[id]
  guard let (side, outer) = graph.constantSide(of: node), side == 1,
    let (innerID, inner) = graph.defining(node.operands[0], as: Function.self),
    let (innerSide, first) = graph.constantSide(of: graph[innerID]), innerSide == 1,
    graph.hasOneUse(node.operands[0]), outer.element == first.element,
    let shape = Shape.broadcast([outer.shape, first.shape]), shape.isStatic,
    shape.count <= max(outer.count, first.count),
    graph[graph[innerID].operands[0]] == graph[node.results[0]]
  else { return false }
  let (a, b) = (try broadcast(first, shape), try broadcast(outer, shape))
  guard isSafe(inner, outer.element.isFloat ? a.doubles() : [], outer.element.isFloat ? b.doubles() : [])
  else { return false }
  let type = TensorType(outer.element, shape)
  guard let joined = try Function().evaluate([a, b], EvaluationContext(resultTypes: [type])).first
  else { return false }
  let constant = rewriter.constant(joined, name: graph.name(of: node.operands[1]))
  let value = try rewriter.insertOne(
    root, [graph[innerID].operands[0], constant], before: id,
    at: graph[innerID].location.joined(with: node.location))
  rewriter.replace(id, with: [value])
  return true
}

private func broadcast(_ tensor: Tensor, _ shape: Shape) throws -> Tensor {
  guard tensor.shape != shape else { return tensor }
  return try BroadcastTo(shape.dimensions).evaluate(
    [tensor], EvaluationContext(resultTypes: [tensor.type.with(shape: shape)]))[0]
}
