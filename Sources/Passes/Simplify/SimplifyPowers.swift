import IR

/// Powers with a constant exponent as products and roots.
///
/// ```
/// pow(x, 2)    → mul(x, x)             within rounding (a product is rounded once)
/// pow(x, 3)    → mul(mul(x, x), x)     within rounding
/// pow(x, -1)   → reciprocal(x)         within rounding
/// pow(x, 0.5)  → sqrt(x)               within rounding, x ≥ 0 by its producers: they differ at −∞
/// pow(x, -0.5) → rsqrt(x)              the same
/// ```
struct SimplifyPower: Pattern {
  static let name = "simplify-power"

  func rewrite(_ root: Power, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let x = node.operands[0]
    guard let (side, tensor) = graph.constantSide(of: node), side == 1,
      graph[x] == graph[node.results[0]], graph[x].element.isFloat, let exponent = tensor.filling
    else { return false }
    let place = node.location
    let value: Value
    switch exponent {
    case 2: value = try rewriter.insertOne(Multiply(), [x, x], before: id, at: place)
    case 3:
      let square = try rewriter.insertOne(Multiply(), [x, x], before: id, at: place)
      value = try rewriter.insertOne(Multiply(), [square, x], before: id, at: place)
    case -1: value = try rewriter.insertOne(Reciprocal(), [x], before: id, at: place)
    case 0.5, -0.5:
      guard graph.isNonNegative(x) else {
        rewriter.declined(id, by: Self.name, because: "the base may be negative")
        return false
      }
      let root: any Operation = exponent > 0 ? SquareRoot() : ReciprocalSquareRoot()
      value = try rewriter.insertOne(root, [x], before: id, at: place)
    default: return false
    }
    rewriter.replace(id, with: [value])
    return true
  }
}
