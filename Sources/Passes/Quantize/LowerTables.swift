import IR

/// Turns quantised functions of one element into lookup tables with the same results.
///
/// ```
/// %1 = sigmoid(%0) : tensor<…xi8, scale=…>   →   %1 = table(%0, @values) : tensor<…xi8, scale=…>
/// ```
public struct LowerTables: Pass {
  public static let name = "lower-tables"
  public static let summary = "turns quantised functions of one element into lookup tables"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    for id in rewriter.graph.allOperations() { try lower(id, &rewriter) }
  }

  private func lower(_ id: OperationID, _ rewriter: inout Rewriter) throws {
    let node = rewriter.graph[id]
    guard node.operation is any PointwiseFunction else { return }
    let (input, result) = (rewriter.graph[node.operands[0]], rewriter.graph[node.results[0]])
    guard input.isQuantized, [.i8, .u8].contains(input.element), input.quantization?.axis == nil,
      result.element == input.element,
      // A clamp under one quantisation is cheaper than a table.
      !(node.operation is Clamp && input == result)
    else { return }
    let range = input.element.integerRange ?? -128...127
    let all = Tensor.from(integers: Array(range), input.element, [256])
      .reinterpreted(as: input.with(shape: [256]))
    let results = try node.operation.evaluate(
      [all], EvaluationContext(resultTypes: [result.with(shape: [256])]))
    let plain = results[0].reinterpreted(as: TensorType(input.element, [256]))
    let name = rewriter.graph.name(of: node.results[0]).map { $0 + ".table" }
    let table = rewriter.constant(plain, name: name)
    let value = try rewriter.insertOne(
      Table(), [node.operands[0], table], quantization: result.quantization, before: id,
      at: node.location)
    rewriter.replace(id, with: [value])
  }
}
