import IR

/// ```
///                                               %0 = transpose(%k)
///                                               %1 = matmul(%q, %0)
/// %0 = attention(%q, %k, %v, %mask)       →     %2 = mul(%1, @scale)
///                                               %3 = add(%2, %mask)
///                                               %4 = softmax(%3)
///                                               %5 = matmul(%4, %v)
/// ```
extension Attention: Composite {
  func isComposite(_ operandCount: Int) -> Bool { true }

  func expand(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Value {
    let operands = rewriter.graph[id].operands
    let expansion = Expansion(id, rewriter.graph)
    let turning = keyTranspose(rewriter.graph[operands[1]])
    let keys = try expansion.add(turning, [operands[1]], &rewriter)
    var scores = try expansion.add(MatMul(), [operands[0], keys], &rewriter)
    if scale != 1 {
      let factor = expansion.scalar(scale, &rewriter)
      scores = try expansion.add(Multiply(), [scores, factor], &rewriter)
    }
    if operands.count > 3 { scores = try expansion.add(Add(), [scores, operands[3]], &rewriter) }
    let last = rewriter.graph[scores].rank - 1
    let weights = try expansion.add(Softmax(axis: last), [scores], &rewriter)
    return try expansion.add(MatMul(), [weights, operands[2]], &rewriter)
  }
}
