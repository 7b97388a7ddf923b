import IR

/// Lets an operation's operands be moved as integers, so that it can become one of integers itself.
///
/// ```
/// %1 = dequantize(%0)                          %1 = transpose(%0)
/// %2 = transpose(%1)                       →   %2 = dequantize(%1)
/// %3 = matmul(%a, %2)                          %3 = matmul(%a, %2)
/// ```
/// Only where that leaves nothing but `dequantize` and constants before the operation.
enum DequantizeLater {
  /// A value that is moved in float, and the integers behind it.
  private struct Moved {
    let index: Int
    let movement: OperationID
    let stored: Value
  }

  static func apply(to id: OperationID, _ rewriter: inout Rewriter) throws {
    let graph = rewriter.graph
    var moved: [Moved] = []
    for (index, operand) in graph[id].operands.enumerated() where graph.constant(operand) == nil {
      if graph.defining(operand, as: Dequantize.self) != nil { continue }
      guard let producer = graph.producer(of: operand), isMovement(graph[producer].operation),
        let (source, _) = graph.defining(graph[producer].operands[0], as: Dequantize.self)
      else { return }
      let stored = graph[source].operands[0]
      guard graph[stored].quantization?.axis == nil else { return }
      moved.append(Moved(index: index, movement: producer, stored: stored))
    }
    for each in moved {
      let node = graph[each.movement]
      let value = try rewriter.insertOne(
        node.operation, [each.stored], before: id, at: node.location)
      let real = try rewriter.insertOne(Dequantize(), [value], before: id, at: node.location)
      rewriter.setOperand(each.index, of: id, to: real)
    }
  }

  /// Whether it takes one operand and puts its elements elsewhere.
  private static func isMovement(_ operation: any Operation) -> Bool {
    operation is Transpose || operation is Reshape || operation is Slice
  }
}
