import IR

/// Float functions of one 8-bit value between `dequantize` and `quantize`, which 256 results say all
/// about.
///
/// ```
/// %1 = dequantize(%0)
/// %2 = div(%1, @sqrt2)                         %4 = table(%0, @results)
/// %3 = erf(%2)                             →
/// %4 = quantize(%3)
/// ```
/// The other operands are constants of one element. The results are those of the float operations,
/// to the bit.
struct PointwiseChain {
  private let graph: Graph
  /// The 8-bit value that the chain starts from, once it is met.
  private var source: Value?

  private static let depthLimit: Int = 16

  /// The table's result in place of that of the `quantize` at `id`; nil where there is none.
  static func insertTable(for id: OperationID, _ rewriter: inout Rewriter) throws -> Value? {
    let node = rewriter.graph[id]
    let asked = rewriter.graph[node.results[0]]
    guard let quantize = node.operation as? Quantize, [.i8, .u8].contains(asked.element) else {
      return nil
    }
    var chain = PointwiseChain(graph: rewriter.graph, source: nil)
    guard let real = try chain.results(node.operands[0], depthLimit), let source = chain.source
    else { return nil }
    let input = rewriter.graph[source]
    guard input.element == asked.element, input.shape == asked.shape, real.count == 256 else {
      return nil
    }
    let stored = real.quantized(
      as: TensorType(asked.element, [256], asked.quantization), quantize.ties)
    let table = rewriter.constant(
      stored.reinterpreted(as: TensorType(asked.element, [256])),
      name: rewriter.graph.name(of: node.results[0]).map { $0 + ".table" })
    return try rewriter.insertOne(
      Table(), [source, table], quantization: asked.quantization, before: id, at: node.location)
  }

  /// What `value` is for each of the 256 stored values of the source; one element where it does not
  /// depend on it; nil where more goes into it.
  private mutating func results(_ value: Value, _ depth: Int) throws -> Tensor? {
    if let constant = graph.constant(value) { return one(constant) }
    guard depth > 0, let producer = graph.producer(of: value) else { return nil }
    let node = graph[producer]
    if node.operation is Dequantize { return start(node.operands[0]) }
    guard node.results.count == 1, graph[value].element == .f32,
      isElementwise(node.operation, node.operands.count)
    else { return nil }
    var operands: [Tensor] = []
    for operand in node.operands {
      guard let result = try results(operand, depth - 1) else { return nil }
      operands.append(result)
    }
    let count = operands.map(\.count).max() ?? 1
    let context = EvaluationContext(resultTypes: [TensorType(.f32, [count])])
    return try node.operation.evaluate(operands, context)[0]
  }

  private func one(_ constant: Tensor) -> Tensor? {
    guard constant.count == 1 else { return nil }
    let real = constant.type.isQuantized ? constant.dequantized() : constant
    return real.element == .f32 ? real.reinterpreted(as: TensorType(.f32, [1])) : nil
  }

  private mutating func start(_ stored: Value) -> Tensor? {
    if let constant = graph.constant(stored) { return one(constant) }
    let type = graph[stored]
    guard source == nil || source == stored, type.quantization?.axis == nil,
      [.i8, .u8].contains(type.element), let range = type.element.integerRange
    else { return nil }
    source = stored
    return Tensor.from(integers: Array(range), type.element, [256])
      .reinterpreted(as: type.with(shape: [256])).dequantized()
  }

  private func isElementwise(_ operation: any Operation, _ count: Int) -> Bool {
    switch operation {
    case is Add, is Subtract, is Multiply, is Divide, is Maximum, is Minimum, is Power,
      is SquaredDifference:
      return count == 2
    default: return operation is any PointwiseFunction && count == 1
    }
  }
}
