import IR

/// Removes operations whose results nobody uses.
public struct RemoveDeadCode: Pass {
  public static let name = "remove-dead-code"
  public static let summary = "removes operations whose results nobody uses"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    RemoveDeadCode.sweep(&rewriter)
  }

  /// One backward walk: users are gone before their operands' producers are looked at.
  static func sweep(_ rewriter: inout Rewriter) {
    for id in rewriter.graph.allOperations().reversed() where rewriter.graph.contains(id) {
      let node = rewriter.graph[id]
      guard node.operation.isPure, !node.results.contains(where: { rewriter.graph.isUsed($0) })
      else { continue }
      rewriter.erase(id)
    }
  }
}
