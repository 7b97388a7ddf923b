import IR

/// Reports every operation that breaks a constraint of the target, with the value seen and what
/// would help. Changes nothing.
public struct CheckSupport: Pass {
  public static let name = "check-support"
  public static let summary = "reports every operation that the target does not take"

  public init(options: PassOptions) throws {}

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let findings = SupportReport(rewriter.graph, context.constraints)
    for violation in findings.violations {
      context.log.append(violation.diagnostic(target: "target"))
    }
  }
}

/// Every broken constraint of a graph, in program order.
public struct SupportReport: Sendable {
  public let violations: [Violation]

  public init(_ graph: Graph, _ constraints: [Constraint]) {
    let general = constraints.filter { $0.mnemonic == nil }
    let specific = Dictionary(grouping: constraints.filter { $0.mnemonic != nil }) {
      $0.mnemonic ?? ""
    }
    violations = graph.allOperations().flatMap { id -> [Violation] in
      let mnemonic = type(of: graph[id].operation).mnemonic
      return (general + (specific[mnemonic] ?? [])).compactMap { $0.violation(at: id, in: graph) }
    }
  }
}
