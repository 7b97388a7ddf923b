import IR

/// The Gaussian error linear unit by its approximation with tanh.
///
/// ```
/// %0 = pow(%x, @3)
/// %1 = mul(%0, @0.044715)
/// %2 = add(%x, %1)
/// %3 = mul(%2, @√(2/π))         →  %7 = gelu_tanh(%x)
/// %4 = tanh(%3)
/// %5 = add(%4, @1)
/// %6 = mul(%x, @0.5)
/// %7 = mul(%6, %5)
/// ```
struct RecognizeApproximateGelu: Pattern {
  static let name = "recognize-approximate-gelu"
  private static let inner = 0.797_884_560_8
  private static let cubic = 0.044715

  func rewrite(_ root: Multiply, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let result = graph[id].results[0]
    guard root.isUnbounded else { return false }
    let product = FactorList(result, graph)
    guard isNear(product.constant, 0.5), product.factors.count == 2 else { return false }
    for (x, other) in [(0, 1), (1, 0)].map({ (product.factors[$0], product.factors[$1]) }) {
      guard graph[x] == graph[result], isTangentFactor(other, of: x, graph) else { continue }
      let value = try rewriter.insertOne(
        ApproximateGelu(), [x], before: id, at: graph[id].location)
      rewriter.replace(id, with: [value])
      return true
    }
    return false
  }

  /// `1 + tanh(√(2/π) · (x + 0.044715 x³))`
  private func isTangentFactor(_ value: Value, of x: Value, _ graph: Graph) -> Bool {
    guard let sum = ShiftedValue(value, graph), sum.constant == 1, sum.isUnbounded,
      let (tanh, _) = graph.defining(sum.value, as: Tanh.self)
    else { return false }
    let argument = FactorList(graph[tanh].operands[0], graph, isRoot: false)
    guard isNear(argument.constant, Self.inner) else { return false }
    if argument.factors.count == 1 { return isCubicSum(argument.factors[0], of: x, graph) }
    // x · (1 + 0.044715 x²)
    guard argument.factors.count == 2, let place = argument.factors.firstIndex(of: x),
      let sum = ShiftedValue(argument.factors[1 - place], graph), sum.constant == 1,
      sum.isUnbounded
    else { return false }
    return FactorList(sum.value, graph, isRoot: false).isPower(of: x, 2, times: Self.cubic)
  }

  /// `x + 0.044715 x³`
  private func isCubicSum(_ value: Value, of x: Value, _ graph: Graph) -> Bool {
    guard let (id, add) = graph.defining(value, as: Add.self), add.isUnbounded else {
      return false
    }
    let operands = graph[id].operands
    guard let place = operands.firstIndex(of: x) else { return false }
    return FactorList(operands[1 - place], graph, isRoot: false)
      .isPower(of: x, 3, times: Self.cubic)
  }
}
