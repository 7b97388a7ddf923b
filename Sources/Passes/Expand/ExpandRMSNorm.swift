import IR

/// ```
///                                         %0 = mul(%x, %x)
///                                         %1 = reduce_mean(%0)
/// %0 = rms_norm(%x, %scale)         →     %2 = add(%1, @epsilon)
///                                         %3 = rsqrt(%2)
///                                         %4 = mul(%x, %3)
///                                         %5 = mul(%4, %scale)
/// ```
extension RMSNorm: Composite {
  func isComposite(_ operandCount: Int) -> Bool { true }

  func expand(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Value {
    let operands = rewriter.graph[id].operands
    let expansion = Expansion(id, rewriter.graph)
    let rank = rewriter.graph[operands[0]].rank
    let square = try expansion.add(Multiply(), [operands[0], operands[0]], &rewriter)
    var mean = ReduceMean()
    mean.axes = Array((axis < 0 ? axis + rank : axis)..<rank)
    let average = try expansion.add(mean, [square], &rewriter)
    let offset = expansion.scalar(epsilon, &rewriter)
    let shifted = try expansion.add(Add(), [average, offset], &rewriter)
    let factor = try expansion.add(ReciprocalSquareRoot(), [shifted], &rewriter)
    let normal = try expansion.add(Multiply(), [operands[0], factor], &rewriter)
    return try expansion.add(Multiply(), [normal, operands[1]], &rewriter)
  }
}
