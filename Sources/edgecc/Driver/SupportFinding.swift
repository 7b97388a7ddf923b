import Frontends
import IR

/// A node that does not fit a target: what is demanded, what was seen, what helps.
struct SupportFinding: Sendable {
  /// Whether edgecc applies the remedy by itself.
  enum Mending: Hashable, Sendable {
    /// With this option.
    case can(String)
    /// Why it does not.
    case cannot(String)
  }

  /// What becomes of the node.
  enum Fate: Hashable, Sendable {
    case runsElsewhere, unsupported
  }

  /// The source nodes' names.
  let node: String
  /// `ai.onnx`, `tflite`; nil where it is not known.
  let domain: String?
  /// The operator in the source model.
  let sourceOperation: String?
  /// In edgecc's terms; nil where the node was not imported.
  let operation: String?
  let constraint: String
  let sentence: String
  let seen: String
  let remedy: Remedy?
  var mending: Mending
  let fate: Fate

  /// A node that was not imported.
  init(notImported diagnostic: Diagnostic, format: String) {
    let source = diagnostic.source
    let isKnown = source?.isKnown ?? true
    node = diagnostic.place ?? ""
    domain = source?.domain
    sourceOperation = source?.name
    operation = nil
    constraint = isKnown ? "\(format)-form" : "\(format)-operator"
    sentence =
      isKnown
      ? "the operator has a form that edgecc imports" : "the operator is one that edgecc imports"
    let version = source?.version.map { ", version \($0)" } ?? ""
    seen =
      isKnown
      ? diagnostic.message
      : "'\(source?.name ?? "")' of domain \(source?.domain ?? "")\(version)"
    let help = diagnostic.help.joined(separator: "; ")
    remedy = help.isEmpty ? nil : Remedy(help)
    mending = .cannot(
      isKnown
        ? "what the node computes would be another thing in a form that is read"
        : "it does not know what the operator computes; a plugin can tell it")
    fate = .unsupported
  }

  /// An operation that breaks a demand of the target.
  init(_ violation: Violation, format: String, fate: Fate) {
    let source = violation.node.location.nodes.first
    node = violation.node.location.summary
    sourceOperation = source.flatMap { $0.operation.isEmpty ? nil : $0.operation }
    domain = sourceOperation.flatMap { SupportFinding.domain(of: $0, format) }
    operation = type(of: violation.node.operation).mnemonic
    constraint = violation.constraint.code
    sentence = violation.constraint.sentence
    seen = violation.seen
    remedy = violation.constraint.remedy
    mending = .cannot("no pass does this")
    self.fate = fate
  }

  /// States, which no target keeps.
  init(states: [String]) {
    node = states.joined(separator: ", ")
    (domain, sourceOperation) = (nil, nil)
    operation = "state"
    constraint = "no-states"
    sentence = "nothing is kept from one run to the next"
    seen = states.count == 1 ? "the model keeps it" : "the model keeps \(states.count) states"
    remedy = Remedy("let every run start from the initial states", action: "--reset-states")
    mending = .can("--reset-states")
    fate = .unsupported
  }

  /// The only domain that has an operator of this name.
  private static func domain(of name: String, _ format: String) -> String? {
    if format == "tflite" { return format }
    guard format == "onnx" else { return nil }
    let domains = Set(ONNXFrontend.operators.filter { $0.name == name }.map(\.domain))
    guard let only = domains.first, domains.count == 1 else { return nil }
    return only.isEmpty ? "ai.onnx" : only
  }

  /// `Conv_3: Conv of ai.onnx, conv2d`, as far as it is known.
  var title: String {
    var text = node.isEmpty ? "(unnamed)" : node
    if let sourceOperation {
      text += ": \(sourceOperation)"
      if let domain { text += " of \(domain)" }
    }
    if let operation { text += sourceOperation == nil ? ": \(operation)" : ", \(operation)" }
    return text
  }

  var json: JSON {
    let applies: Bool
    let note: String
    switch mending {
    case .can(let option): (applies, note) = (true, option)
    case .cannot(let reason): (applies, note) = (false, reason)
    }
    return .object([
      ("node", .string(node)), ("domain", .optional(domain)),
      ("source_operation", .optional(sourceOperation)), ("operation", .optional(operation)),
      ("imported", .bool(operation != nil)), ("constraint", .string(constraint)),
      ("sentence", .string(sentence)), ("seen", .string(seen)),
      ("help", .optional(remedy?.sentence)),
      ("edgecc_can", .bool(applies)), ("edgecc", .string(note)),
      ("runs_elsewhere", .bool(fate == .runsElsewhere)),
    ])
  }
}
