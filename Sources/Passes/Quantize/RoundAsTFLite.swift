import IR

/// Gives every quantised operation the rounding of TFLite's reference kernels, so that the model
/// computes what it will compute there, byte for byte, once it is written as TFLite.
///
/// ```
/// %1 = conv2d(%0, @w, @b) : …   →   %1 = conv2d(%0, @w, @b) {rounding = "double"} : …
/// ```
/// Without it a result may be one step away where a sum lies between two steps.
///
/// Source: TFLite `fully_connected.h` (one rounding), `common.h`,
/// `MultiplyByQuantizedMultiplier` (two); `quantize.h` (ties away from zero).
public struct RoundAsTFLite: Pass {
  public static let name = "round-as-tflite"
  public static let summary =
    "gives quantised operations the rounding of TFLite's reference kernels"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    for id in rewriter.graph.allOperations() {
      let node = rewriter.graph[id]
      let values = node.operands + node.results
      guard values.contains(where: { rewriter.graph[$0].isQuantized }),
        let changed = try rounded(node.operation)
      else { continue }
      try rewriter.update(id, to: changed)
    }
  }

  /// The operation with TFLite's rounding; nil where it has that, or none.
  private func rounded(_ operation: any Operation) throws -> (any Operation)? {
    var changed = operation
    let names = type(of: operation).fieldDescriptions.map(\.name)
    if names.contains("rounding") {
      let rounding: Rounding = operation is FullyConnected ? .single : .double
      try changed.setAttribute("rounding", rounding.attribute)
    }
    if names.contains("ties") { try changed.setAttribute("ties", TieRule.away.attribute) }
    return changed.isEqual(to: operation) ? nil : changed
  }
}
