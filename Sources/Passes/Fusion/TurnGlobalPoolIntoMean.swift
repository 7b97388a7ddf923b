import IR

/// `avg_pool2d(x)` with one window over the whole float image → `reduce_mean(x) {axes = [1, 2]}`,
/// which takes the following reshape into itself
///
/// Integers round differently in the two, so quantised pools stay.
struct TurnGlobalPoolIntoMean: Pattern {
  static let name = "turn-global-pool-into-mean"

  func rewrite(_ root: AveragePool2D, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let node = rewriter.graph[id]
    let x = rewriter.graph[node.operands[0]]
    guard x.element.isFloat, !x.isQuantized, root.kernel == [x.shape[1], x.shape[2]],
      root.pad.allSatisfy({ $0 == 0 })
    else { return false }
    var mean = ReduceMean()
    mean.axes = [1, 2]
    let value = try rewriter.insertOne(mean, node.operands, before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }
}
