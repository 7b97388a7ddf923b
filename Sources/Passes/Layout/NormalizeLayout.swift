import IR

/// Moves transposes down through operations that do not care about the order of axes, until they
/// meet their inverse and vanish. NCHW models come out in NHWC with the transposes left at the
/// inputs and outputs at most.
///
/// ```
/// %1 = transpose(%0) {permutation = [0, 3, 1, 2]}      %1 = clamp(%0) {minimum = 0}
/// %2 = clamp(%1) {minimum = 0}                     →   %2 = transpose(%1) {permutation = …}
/// ```
public struct NormalizeLayout: Pass {
  public static let name = "normalize-layout"
  public static let summary = "moves transposes together until they cancel"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let before = rewriter.graph
    let changes = rewriter.changeCount
    for id in before.allOperations() where rewriter.graph.contains(id) {
      // A transpose that meets its inverse goes at once, else it would sink further on its own.
      if let transpose = rewriter.graph[id].operation as? Transpose {
        _ = try MergeTransposes().rewrite(transpose, id, &rewriter)
      } else {
        try sink(id, &rewriter)
      }
    }
    try PatternDriver([
      AnyPattern(DropIdentityTranspose()), AnyPattern(MergeTransposes()),
      AnyPattern(TurnTransposeIntoReshape()),
    ]).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
    // Sinking past a value that others still need can leave more transposes than there were.
    let (old, new) = (count(before), count(rewriter.graph))
    if new.elements > old.elements { rewriter.restore(before, changeCount: changes) }
    let now = new.elements > old.elements ? old : new
    guard old.transposes > 0, let first = rewriter.graph.allOperations().first else { return }
    rewriter.found(
      first, by: Self.name,
      "\(old.transposes) transposes moved \(old.elements) elements; now "
        + "\(now.transposes) move \(now.elements)")
  }

  /// The transposes, and the elements that they move; unknown extents count as 1.
  private func count(_ graph: Graph) -> (transposes: Int, elements: Int) {
    var result = (transposes: 0, elements: 0)
    for id in graph.allOperations() where graph[id].operation is Transpose {
      let shape = graph[graph[id].results[0]].shape
      result.transposes += 1
      result.elements += shape.dimensions.reduce(1) { $0 * max($1, 1) }
    }
    return result
  }

  private func sink(_ id: OperationID, _ rewriter: inout Rewriter) throws {
    let graph = rewriter.graph
    let node = graph[id]
    // A change of type at an output stays there: nothing behind it could cancel the transpose.
    if node.operation is Rescale, graph.users(of: node.results[0], limit: 1).isEmpty { return }
    guard node.results.count == 1, let operation = node.operation as? any AxisPermutable,
      let transpose = commonTranspose(node, graph), let moved = operation.passing(transpose),
      graph[node.results[0]].rank == operation.resultOrder(transpose).permutation.count,
      graph[node.results[0]].quantization?.axis == nil,
      let operands = try originals(node, transpose, &rewriter)
    else { return }
    let value: Value
    do {
      value = try rewriter.insertOne(
        moved, operands, quantization: graph[node.results[0]].quantization, before: id,
        at: node.location)
    } catch is OperationError {
      return
    }
    let back = try rewriter.insertOne(
      operation.resultOrder(transpose), [value], before: id, at: place(of: node, graph))
    guard rewriter.graph[back] == rewriter.graph[node.results[0]] else { return }
    rewriter.replace(id, with: [back])
  }

  /// Where the transpose that `node` reads came from: it stays the same one wherever it moves.
  private func place(of node: Node, _ graph: Graph) -> Location {
    for operand in node.operands {
      if let (id, _) = graph.defining(operand, as: Transpose.self) { return graph[id].location }
    }
    return node.location
  }

  /// The transpose that every operand that is not constant comes from.
  private func commonTranspose(_ node: Node, _ graph: Graph) -> Transpose? {
    var common: Transpose?
    for operand in node.operands where graph.constant(operand) == nil {
      guard let (_, transpose) = graph.defining(operand, as: Transpose.self) else { return nil }
      if let common, common.permutation != transpose.permutation { return nil }
      common = transpose
    }
    return common
  }

  /// The operands before the transpose; constants are transposed back now.
  private func originals(
    _ node: Node, _ transpose: Transpose, _ rewriter: inout Rewriter
  ) throws -> [Value]? {
    var result: [Value] = []
    for operand in node.operands {
      if let (id, _) = rewriter.graph.defining(operand, as: Transpose.self) {
        result.append(rewriter.graph[id].operands[0])
        continue
      }
      guard let tensor = rewriter.graph.constant(operand),
        tensor.rank <= transpose.permutation.count, tensor.type.quantization?.axis == nil
      else { return nil }
      guard tensor.rank > 0, tensor.count > 1 else {
        result.append(operand)
        continue
      }
      let missing = transpose.permutation.count - tensor.rank
      let shape = Shape([Int](repeating: 1, count: missing) + tensor.shape.dimensions)
      let spread = tensor.reinterpreted(as: tensor.type.with(shape: shape))
      let type = try transpose.inverse.infer(OperandTypes([spread.type]))[0]
      let turned = try transpose.inverse.evaluate([spread], EvaluationContext(resultTypes: [type]))
      result.append(rewriter.constant(turned[0], name: rewriter.graph.name(of: operand)))
    }
    return result
  }
}
