import IR

/// Goes wrong on purpose: what finds faults is tested on it. Known to a build only where the
/// environment asks for it.
public struct PlantedFault: Pass {
  public static let name = "planted-fault"
  public static let summary = "goes wrong on purpose, to test what finds faults"
  public static let options: [PassOption] = [
    PassOption(
      "kind", .choice(Kind.allCases.map(\.rawValue)), default: Kind.result.rawValue,
      help: "a wrong rewrite, an error that is thrown, or a trap")
  ]

  enum Kind: String, CaseIterable { case result, error, trap }

  private let kind: Kind

  public init(options: PassOptions) throws {
    kind = Kind(rawValue: try options.text("kind")) ?? .result
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    switch kind {
    case .result: try PatternDriver([AnyPattern(ForgetLowerBound())]).run(on: &rewriter)
    case .error: throw OperationError("a fault was planted here")
    case .trap: fatalError("a fault was planted here")
    }
  }

  /// `conv2d(…) {minimum = 0}` → `conv2d(…)`, which is wrong
  struct ForgetLowerBound: Pattern {
    static let name = "forget-lower-bound"

    func rewrite(_ root: Conv2D, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
      guard root.minimum == 0 else {
        rewriter.declined(id, by: Self.name, because: "its results are not cut off at zero")
        return false
      }
      var changed = root
      changed.minimum = -.infinity
      try rewriter.update(id, to: changed)
      return true
    }
  }
}
