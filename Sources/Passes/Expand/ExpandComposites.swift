import IR

/// Takes composite operations apart again: for a target, those that break one of its constraints;
/// without one, and before quantisation, all of them.
public struct ExpandComposites: Pass {
  public static let name = "expand-composites"
  public static let summary =
    "takes attention, RMS norm and fused epilogues apart where the target does not take them"
  public static let options: [PassOption] = [
    PassOption(
      "only", .choice(["unsupported", "all"]), default: "unsupported",
      help: "which composites are taken apart; without a target all are")
  ]

  private let takesAll: Bool

  public init(options: PassOptions) throws {
    takesAll = try options.text("only") == "all"
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let constraints = takesAll ? [] : context.constraints
    for id in rewriter.graph.allOperations() where rewriter.graph.contains(id) {
      guard let composite = rewriter.graph[id].operation as? any Composite,
        composite.isComposite(rewriter.graph[id].operands.count)
      else { continue }
      let fits = !constraints.contains { $0.violation(at: id, in: rewriter.graph) != nil }
      if !constraints.isEmpty && fits { continue }
      let value = try composite.expand(id, &rewriter)
      rewriter.replace(id, with: [value])
    }
    try PatternDriver([
      AnyPattern(DropIdentityTranspose()), AnyPattern(MergeTransposes()),
      AnyPattern(TurnTransposeIntoReshape()), AnyPattern(MergeReshapes()),
      AnyPattern(DropIdentityReshape()),
    ]).run(on: &rewriter)
    RemoveDeadCode.sweep(&rewriter)
  }
}

/// An operation that others can compute together.
protocol Composite: Operation {
  /// Whether it is more than the simplest form of itself.
  func isComposite(_ operandCount: Int) -> Bool
  /// Inserts the operations that compute it before `id`; gives their result.
  func expand(_ id: OperationID, _ rewriter: inout Rewriter) throws -> Value
}

/// Inserts operations of one expansion.
struct Expansion: ~Copyable {
  let anchor: OperationID
  let location: Location
  let element: ElementType

  init(_ id: OperationID, _ graph: Graph) {
    anchor = id
    location = graph[id].location
    element = graph[graph[id].results[0]].element
  }

  func add(
    _ operation: any Operation, _ operands: [Value], _ rewriter: inout Rewriter
  ) throws -> Value {
    try rewriter.insertOne(operation, operands, before: anchor, at: location)
  }

  func scalar(_ value: Float, _ rewriter: inout Rewriter) -> Value {
    rewriter.constant(Tensor.from(doubles: [Double(value)], element, []))
  }
}
