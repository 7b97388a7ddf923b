/// Something that a target demands of an operation: a sentence and a predicate. The sentence is the
/// documentation (`edgecc targets`) and the diagnostic, so the two cannot part.
public struct Constraint: Sendable {
  /// Stable and kebab-case: `npu-conv2d-kernel`.
  public let code: String
  /// The operation that it speaks of; nil where it holds for every operation.
  public let mnemonic: String?
  /// The demand as a sentence without a full stop: "kernel height and width are between 1 and 16".
  public let sentence: String
  /// What makes an operation meet it.
  public let remedy: Remedy?
  /// What the reader can do where it is not met.
  public var help: String? { remedy?.sentence }
  private let check: @Sendable (OperationView) -> String?

  /// - Parameters:
  ///   - help: the remedy as a sentence.
  ///   - action: the option of the command line by which edgecc itself applies it.
  ///   - check: nil where `operation` fits, else the value seen: "the kernel is 25x1".
  public init<Op: Operation>(
    _ code: String, on: Op.Type, _ sentence: String, help: String? = nil, action: String? = nil,
    check: @escaping @Sendable (Op, OperationView) -> String?
  ) {
    self.code = code
    mnemonic = Op.mnemonic
    self.sentence = sentence
    remedy = help.map { Remedy($0, action: action) }
    self.check = { view in
      guard let operation = view.node.operation as? Op else { return nil }
      return check(operation, view)
    }
  }

  /// A demand on every operation.
  public init(
    _ code: String, _ sentence: String, help: String? = nil, action: String? = nil,
    check: @escaping @Sendable (OperationView) -> String?
  ) {
    self.code = code
    mnemonic = nil
    self.sentence = sentence
    remedy = help.map { Remedy($0, action: action) }
    self.check = check
  }

  /// What was seen at `id` where it breaks the demand; nil where it meets it.
  public func violation(at id: OperationID, in graph: Graph) -> Violation? {
    let view = OperationView(id: id, graph: graph)
    guard let seen = check(view) else { return nil }
    return Violation(constraint: self, seen: seen, node: view.node)
  }
}

/// What makes an operation meet a demand.
public struct Remedy: Hashable, Sendable {
  /// What the reader can do, without a full stop: "quantise the model to int8".
  public let sentence: String
  /// The option of the command line that lets edgecc do it: "--quantize int8"; nil where no pass
  /// does. `edgecc check` tries it before it promises anything.
  public let action: String?

  public init(_ sentence: String, action: String? = nil) {
    self.sentence = sentence
    self.action = action
  }
}

/// An operation and its surroundings, for reading.
public struct OperationView: Sendable {
  public let id: OperationID
  public let graph: Graph

  public init(id: OperationID, graph: Graph) {
    self.id = id
    self.graph = graph
  }

  public var node: Node { graph[id] }
  public func operandType(_ index: Int) -> TensorType { graph[node.operands[index]] }
  public func resultType(_ index: Int = 0) -> TensorType { graph[node.results[index]] }
  public func constant(_ index: Int) -> Tensor? { graph.constant(node.operands[index]) }
  public var operandCount: Int { node.operands.count }
  /// The types of all operands, then of all results.
  public var allTypes: [TensorType] { (node.operands + node.results).map { graph[$0] } }
}

/// A demand that an operation does not meet.
public struct Violation: Sendable {
  public let constraint: Constraint
  /// The value seen.
  public let seen: String
  public let node: Node

  /// The constraint's sentence with the value seen, at the source node.
  public func diagnostic(target: String, severity: Diagnostic.Severity = .error) -> Diagnostic {
    let operation = node.location.nodes.first?.operation ?? ""
    let source = operation.isEmpty ? "" : " (\(operation))"
    return Diagnostic(
      severity, .unsupported, "\(target): \(constraint.sentence); \(seen)\(source)",
      place: node.location.summary, notes: ["constraint \(constraint.code)"],
      help: constraint.help.map { [$0] } ?? [])
  }
}
