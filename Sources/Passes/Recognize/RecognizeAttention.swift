import IR

/// Scaled dot-product attention, written out; scores may be scaled on either side of the product or
/// behind it, and a mask may be added to them.
///
/// ```
/// %0 = transpose(%k) {permutation = [0, 1, 3, 2]}
/// %1 = matmul(%q, %0)
/// %2 = mul(%1, @scale)                   →  %5 = attention(%q, %k, %v, %mask) {scale = …}
/// %3 = add(%2, %mask)
/// %4 = softmax(%3) {axis = 3}
/// %5 = matmul(%4, %v)
/// ```
struct RecognizeAttention: Pattern {
  static let name = "recognize-attention"

  func rewrite(_ root: MatMul, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard let (softmax, function) = graph.defining(node.operands[0], as: Softmax.self),
      graph.hasOneUse(node.operands[0]), graph[node.results[0]].element.isFloat
    else { return false }
    let input = graph[softmax].operands[0]
    let rank = graph[input].rank
    guard function.axis == -1 || function.axis == rank - 1, graph.hasOneUse(input),
      !graph[node.results[0]].isQuantized, !graph[input].isQuantized, function.beta == 1
    else { return false }
    guard let scores = Scores(input, graph) else {
      rewriter.declined(id, by: Self.name, because: "the scores are no product with a transpose")
      return false
    }
    let keys = try rewriter.insertOne(
      Attention().keyTranspose(graph[scores.turnedKeys]), [scores.turnedKeys], before: id,
      at: node.location)
    let operands = [scores.queries, keys, node.operands[1]] + (scores.mask.map { [$0] } ?? [])
    let location = graph[softmax].location.joined(with: node.location)
    let value = try rewriter.insertOne(
      Attention(scale: Float(scores.scale)), operands, before: id, at: location)
    guard rewriter.graph[value] == graph[node.results[0]] else {
      throw Diagnostic.internalError("attention changes the type of its result")
    }
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `scale · q · kᵀ + mask`, taken apart.
private struct Scores {
  let queries: Value
  /// The keys as the product reads them.
  let turnedKeys: Value
  let scale: Double
  let mask: Value?

  init?(_ value: Value, _ graph: Graph) {
    var masked: (scores: Value, mask: Value)?
    if let (id, add) = graph.defining(value, as: Add.self), add.isUnbounded {
      let operands = graph[id].operands
      // The side that leads to a product is the scores.
      let place = operands.indices.first { Scores.product($0, operands, value, graph) != nil }
      guard let place else { return nil }
      masked = (operands[place], operands[1 - place])
    }
    guard let (product, behind) = Scores.product(masked?.scores ?? value, graph) else {
      return nil
    }
    let left = FactorList(graph[product].operands[0], graph, isRoot: false)
    let right = FactorList(graph[product].operands[1], graph, isRoot: false)
    guard left.factors.count == 1, right.factors.count == 1,
      Scores.isTurned(right.factors[0], graph),
      graph[left.factors[0]] == graph[graph[product].operands[0]],
      graph[right.factors[0]] == graph[graph[product].operands[1]]
    else { return nil }
    queries = left.factors[0]
    turnedKeys = right.factors[0]
    scale = behind * left.constant * right.constant
    mask = masked?.mask
  }

  /// Whether another transpose of `value` would join one that is there.
  private static func isTurned(_ value: Value, _ graph: Graph) -> Bool {
    if let (id, _) = graph.defining(value, as: Reshape.self) {
      return graph.defining(graph[id].operands[0], as: Transpose.self) != nil
    }
    return graph.defining(value, as: Transpose.self) != nil
  }

  private static func product(
    _ place: Int, _ operands: [Value], _ sum: Value, _ graph: Graph
  ) -> OperationID? {
    guard graph[operands[place]] == graph[sum] else { return nil }
    return product(operands[place], graph)?.id
  }

  /// The matrix product behind a scale, and the scale.
  private static func product(_ value: Value, _ graph: Graph) -> (id: OperationID, scale: Double)? {
    let scaled = FactorList(value, graph, isRoot: false)
    guard scaled.factors.count == 1, graph[scaled.factors[0]] == graph[value],
      graph.hasOneUse(scaled.factors[0]),
      let (id, _) = graph.defining(scaled.factors[0], as: MatMul.self)
    else { return nil }
    return (id, scaled.constant)
  }
}
