/// What a pass says about one place: a rewrite that it made, one that it nearly made and why not, or
/// what it found out.
public struct Remark: Hashable, Sendable {
  /// As compilers have it: `-Rpass`, `-Rpass-missed`, `-Rpass-analysis`.
  public enum Kind: String, Hashable, Sendable, CaseIterable { case passed, missed, analysis }

  public let kind: Kind
  /// The pass, in kebab-case.
  public let pass: String
  /// The pattern or what else speaks; the pass's name where it speaks for itself.
  public let name: String
  /// The mnemonic of the operation.
  public let operation: String
  public let location: Location
  /// For `missed` the precondition that failed, as a clause.
  public let message: String

  /// As a diagnostic at the source node.
  public var diagnostic: Diagnostic {
    let verb =
      switch kind {
      case .passed: "applied"
      case .missed: "not applied"
      case .analysis: "found"
      }
    let detail = message.isEmpty ? "" : ": \(message)"
    return Diagnostic(
      .remark, .finding, "\(name) \(verb) to '\(operation)'\(detail) [\(pass)]",
      place: location.summary)
  }
}
