import IR

/// Evaluates operations whose operands are all constants.
///
/// Dequantised weights stay as they are unless `dequantize` is set, so that the integers survive
/// until quantised operations have been formed. A result may be larger than its operands by `limit`
/// bytes: what only repeats a small constant stays computed.
public struct FoldConstants: Pass {
  public static let name = "fold-constants"
  public static let summary = "evaluates operations whose operands are all constants"
  public static let options: [PassOption] = [
    PassOption(
      "dequantize", .flag, default: "false",
      help: "whether dequantised constants become float constants"),
    PassOption(
      "limit", .integer(0...Int.max), default: "65536",
      help: "bytes that a result may have more than its operands"),
  ]

  /// Elements of a constant that is made from nothing.
  static let freeGrowth: Int = 16384

  private let foldsDequantize: Bool
  private let limit: Int

  public init(options: PassOptions) throws {
    foldsDequantize = try options.flag("dequantize")
    limit = try options.integer("limit")
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    for id in rewriter.graph.allOperations() where rewriter.graph.contains(id) {
      try fold(id, &rewriter)
    }
  }

  private func fold(_ id: OperationID, _ rewriter: inout Rewriter) throws {
    let node = rewriter.graph[id]
    guard node.operation.isPure, node.regions.isEmpty, foldsDequantize || !(node.operation is Dequantize)
    else { return }
    let operands = node.operands.compactMap { rewriter.graph.constant($0) }
    let types = node.results.map { rewriter.graph[$0] }
    guard operands.count == node.operands.count, fits(operands, types) else { return }
    let results: [Tensor]
    do {
      results = try node.operation.evaluate(operands, EvaluationContext(resultTypes: types))
    } catch {
      // A fault in values shows when the model runs, at its own node.
      return
    }
    let values = zip(results, node.results).map { tensor, old in
      rewriter.constant(tensor, name: rewriter.graph.name(of: old))
    }
    guard zip(values, types).allSatisfy({ rewriter.graph[$0] == $1 }) else { return }
    rewriter.replace(id, with: values)
  }

  private func fits(_ operands: [Tensor], _ results: [TensorType]) -> Bool {
    guard results.allSatisfy({ $0.shape.checkedCount != nil }) else { return false }
    let produced = results.reduce(0) { $0 + $1.byteCount }
    let consumed = operands.reduce(0) { $0 + $1.type.byteCount }
    // Types do not tell how long strings are, and joining them doubles their length.
    let letters = operands.flatMap(\.storage.strings).reduce(0) { $0 + $1.utf8.count }
    guard letters <= max(limit, 1 << 24) else { return false }
    return produced - consumed <= limit
  }
}
