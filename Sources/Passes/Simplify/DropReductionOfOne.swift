import IR

/// A reduction over axes of extent 1 → `reshape(x)`; over no axes → `x`. Exact: the sum, mean,
/// product and extremes of one number are that number.
struct DropReductionOfOne<Function: Operation>: Pattern {
  static var name: String { "drop-\(Function.mnemonic)-of-one" }
  func rewrite(_ root: Function, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    let (operand, result) = (rewriter.graph[node.operands[0]], rewriter.graph[node.results[0]])
    guard operand.shape.isStatic, operand.shape.count == result.shape.count,
      operand.element == result.element, operand.quantization == result.quantization,
      operand.element != .bool, operand.shape.count > 0
    else { return false }
    let value = try rewriter.insertOne(
      Reshape(to: result.shape.dimensions), [node.operands[0]], before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
