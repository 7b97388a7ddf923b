import IR

/// Lets 8-bit activations and weights be signed everywhere: `u8` with zero point z becomes `i8` with
/// z − 128, which means the same numbers. Inputs and outputs of the model keep their types.
public struct NormalizeSignedness: Pass {
  public static let name = "normalize-signedness"
  public static let summary = "turns unsigned 8-bit quantisation into signed"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let isUnsigned: (TensorType) -> Bool = { $0.element == .u8 && $0.isQuantized }
    let all = rewriter.graph.allOperations()
    guard
      all.contains(where: { id in
        let node = rewriter.graph[id]
        return (node.operands + node.results).contains { isUnsigned(rewriter.graph[$0]) }
      })
    else { return }
    var signed: [Value: Value] = [:]
    for id in all { try retype(id, &rewriter, &signed) }
    try restoreResults(&rewriter, signed)
    RemoveDeadCode.sweep(&rewriter)
  }

  /// Whether the result depends on the stored integers themselves: tables, casts of storage, and
  /// means that round ties away from zero, which is another direction once zero has moved.
  private func readsStorage(_ operation: any Operation) -> Bool {
    if let pool = operation as? AveragePool2D { return mayTie(pool) }
    return operation is StorageCast || operation is Table
  }

  /// Whether a window may hold an even number of taps.
  private func mayTie(_ pool: AveragePool2D) -> Bool {
    let isWhole = pool.countPadding || pool.pad.allSatisfy { $0 == 0 }
    return !isWhole || pool.kernel[0] * pool.kernel[1] % 2 == 0
  }

  private func isUnsigned(_ type: TensorType) -> Bool { type.element == .u8 && type.isQuantized }

  private func signedQuantization(_ quantization: Quantization?) -> Quantization? {
    guard var result = quantization else { return nil }
    result.zeroPoints = result.zeroPoints.map { $0 - 128 }
    return result
  }

  private func retype(
    _ id: OperationID, _ rewriter: inout Rewriter, _ signed: inout [Value: Value]
  ) throws {
    let graph = rewriter.graph
    let node = graph[id]
    let types = node.results.map { graph[$0] }
    guard (node.operands.map { graph[$0] } + types).contains(where: isUnsigned),
      !isBorder(node, graph)
    else { return }
    if readsStorage(node.operation) {
      for (index, operand) in node.operands.enumerated() {
        guard let replacement = signed[operand], !stays(operand, signed, graph) else { continue }
        let back = try restored(replacement, graph[operand], before: id, node.location, &rewriter)
        rewriter.setOperand(index, of: id, to: back)
      }
      return
    }
    var operation = node.operation
    if types.contains(where: isUnsigned), let own = operation.attributes.first(where: { $0.name == "to" }),
      own.value == ElementType.u8.attribute
    {
      try operation.setAttribute("to", ElementType.i8.attribute)
    }
    let operands = try node.operands.map {
      try signedValue($0, before: id, node.location, &rewriter, &signed)
    }
    let quantization = types.map {
      isUnsigned($0) ? signedQuantization($0.quantization) : $0.quantization
    }
    let results = try rewriter.insert(
      operation, operands, quantization: quantization, before: id, at: node.location)
    for (old, new) in zip(node.results, results) {
      rewriter.setName(graph.name(of: old), of: new)
      if rewriter.graph[new] == graph[old] {
        rewriter.replaceUses(of: old, with: new)
      } else {
        signed[old] = new
      }
    }
  }

  /// Whether `value` is there in its own type too, its twin being made from it.
  private func stays(_ value: Value, _ signed: [Value: Value], _ graph: Graph) -> Bool {
    guard let twin = signed[value] else { return true }
    guard let (id, _) = graph.defining(twin, as: Rescale.self) else {
      return graph.constant(value) != nil
    }
    return graph[id].operands[0] == value
  }

  /// Whether `node` is the change of sign at an input or output that this pass itself leaves.
  private func isBorder(_ node: Node, _ graph: Graph) -> Bool {
    guard node.operation is Rescale else { return false }
    let (input, result) = (graph[node.operands[0]], graph[node.results[0]])
    if isUnsigned(input) && !isUnsigned(result) {
      return graph.producer(of: node.operands[0]).map { graph[$0].operation is StorageCast } ?? true
    }
    return !isUnsigned(input) && graph.users(of: node.results[0]).allSatisfy {
      graph[$0].operation is StorageCast
    }
  }

  /// The signed twin of `value`, made where it is first needed.
  private func signedValue(
    _ value: Value, before id: OperationID, _ location: Location, _ rewriter: inout Rewriter,
    _ signed: inout [Value: Value]
  ) throws -> Value {
    if let known = signed[value] { return known }
    let type = rewriter.graph[value]
    guard isUnsigned(type) else { return value }
    let quantization = signedQuantization(type.quantization)
    let result: Value
    if let tensor = rewriter.graph.constant(value) {
      let target = TensorType(.i8, type.shape, quantization)
      let flipped = Tensor.make(target) { (out: UnsafeMutableBufferPointer<UInt8>) in
        tensor.withElements { (bytes: UnsafeBufferPointer<UInt8>) in
          for index in 0..<bytes.count { out[index] = bytes[index] ^ 0x80 }
        }
      }
      result = rewriter.constant(flipped, name: rewriter.graph.name(of: value))
    } else {
      result = try rewriter.insertOne(
        Rescale(to: .i8, rounding: .single), [value], quantization: quantization, before: id,
        at: location)
    }
    signed[value] = result
    return result
  }

  private func restored(
    _ value: Value, _ type: TensorType, before id: OperationID?, _ location: Location,
    _ rewriter: inout Rewriter
  ) throws -> Value {
    try rewriter.insertOne(
      Rescale(to: .u8, rounding: .single), [value], quantization: type.quantization, before: id,
      at: location)
  }

  private func restoreResults(_ rewriter: inout Rewriter, _ signed: [Value: Value]) throws {
    let graph = rewriter.graph
    guard graph.results.contains(where: { !stays($0, signed, graph) }) else { return }
    var results: [(name: String, value: Value)] = []
    for (name, value) in zip(graph.resultNames, graph.results) {
      guard let twin = signed[value], !stays(value, signed, graph) else {
        results.append((name, value))
        continue
      }
      let back = try restored(twin, graph[value], before: nil, .none, &rewriter)
      results.append((name, back))
    }
    rewriter.setResults(results)
  }
}
