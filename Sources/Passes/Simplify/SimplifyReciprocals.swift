import IR

/// `div(1, x)` → `reciprocal(x)`. Exact: both are one rounded division.
struct TurnDivisionIntoReciprocal: Pattern {
  static let name = "turn-division-into-reciprocal"
  func rewrite(_ root: Divide, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (side, tensor) = graph.constantSide(of: node), side == 0,
      tensor.isFilled(with: 1), tensor.element.isFloat,
      graph[node.operands[1]] == graph[node.results[0]]
    else { return false }
    let value = try rewriter.insertOne(
      Reciprocal(), [node.operands[1]], before: id, at: node.location)
    try replace(id, with: value, clampedTo: (root.minimum, root.maximum), &rewriter)
    return true
  }
}

/// `reciprocal(sqrt(x))` → `rsqrt(x)`. Exact: `rsqrt` is defined as that quotient.
struct MergeReciprocalOfRoot: Pattern {
  static let name = "merge-reciprocal-of-root"
  func rewrite(_ root: Reciprocal, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (inner, _) = graph.defining(node.operands[0], as: SquareRoot.self),
      [.f32, .f64].contains(graph[node.results[0]].element), graph.hasOneUse(node.operands[0])
    else { return false }
    let value = try rewriter.insertOne(
      ReciprocalSquareRoot(), [graph[inner].operands[0]], before: id,
      at: graph[inner].location.joined(with: node.location))
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `div(x, @c)` → `mul(x, @1/c)` where every element of c is a power of two whose inverse is an
/// ordinary float: both only move the exponent. Exact.
struct TurnDivisionIntoProduct: Pattern {
  static let name = "turn-division-into-product"
  func rewrite(_ root: Divide, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (side, tensor) = graph.constantSide(of: node), side == 1,
      tensor.element == .f32 || tensor.element == .f64
    else { return false }
    let values = tensor.doubles()
    let isExact = values.allSatisfy { value in
      value.isNormal && value.significand == 1 && abs(Int(value.exponent)) <= 60
    }
    guard isExact else { return false }
    let inverse = Tensor.from(doubles: values.map { 1 / $0 }, tensor.element, tensor.shape)
    let factor = rewriter.constant(inverse, name: graph.name(of: node.operands[1]))
    var product = Multiply()
    (product.minimum, product.maximum) = (root.minimum, root.maximum)
    let value = try rewriter.insertOne(
      product, [node.operands[0], factor], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
