import CProto
import IR

/// Where nodes that cannot be imported were cut out of a model.
struct ONNXCuts {
  /// What the nodes read, which would be dead without them.
  private var read: [(name: String, value: Value)] = []
  /// Nodes that depend on one whose outputs have no declared type, and so were not looked at.
  var passedOver: Int = 0

  mutating func add(_ value: Value, name: String) {
    if !read.contains(where: { $0.value == value }) { read.append((name, value)) }
  }

  /// What was read, without what is a result anyway.
  func results(besides others: [Value]) -> [(name: String, value: Value)] {
    let others = Set(others)
    return read.filter { !others.contains($0.value) }
  }
}

extension ONNXGraphImporter {
  /// Whether everything that was found can be cut out: the model itself is well-formed.
  var canCut: Bool {
    types.options.cutsUnsupported && problems.allSatisfy { $0.category == .unsupported }
  }

  /// Notes which operator the problems of `node` speak of, and lets what depends on it fail, or
  /// stands inputs in for its outputs.
  func fail(_ node: Onnx__NodeProto, _ outputs: [String], problemsBefore known: Int) {
    let domain = canonicalDomain(text(node.domain))
    let name = text(node.op_type)
    let source = SourceOperator(
      domain: domain.isEmpty ? "ai.onnx" : domain, name: name, version: scope.opsets[domain],
      isKnown: table.entry(domain: domain, name: name) != nil)
    for index in known..<max(known, problems.count) where problems[index].source == nil {
      problems[index].source = source
    }
    guard types.options.cutsUnsupported, scope.depth == 0, standIn(for: outputs) else {
      return scope.fail(outputs)
    }
    for input in strings(node.input, node.n_input) {
      guard let value = scope.value(input)?.tensor, builder.constant(value) == nil else { continue }
      cuts.add(value, name: input)
    }
  }

  /// Makes `outputs` inputs of the types that the model declares for them; false, and nothing done,
  /// where it declares none, or one with more than the batch left open.
  private func standIn(for outputs: [String]) -> Bool {
    let names = outputs.filter { !$0.isEmpty }
    let infos = messages(graph.value_info, graph.n_value_info)
      + messages(graph.output, graph.n_output)
    var found: [String: TensorType] = [:]
    for info in infos.map(\.pointee) where names.contains(text(info.name)) {
      guard let type = try? types.read(info),
        type.shape.dimensions.dropFirst().allSatisfy({ $0 != Shape.unknown })
      else { continue }
      found[text(info.name)] = type
    }
    guard names.allSatisfy({ found[$0] != nil && scope.value($0) == nil }) else { return false }
    for name in names {
      guard let type = found[name] else { continue }
      define(name, .tensor(builder.rewriter.addArgument(type, name: name)))
    }
    return true
  }

  /// What to tell about a model that was cut; nothing where it was not.
  var cutReport: [Diagnostic] {
    guard !problems.isEmpty, cuts.passedOver > 0 else { return problems }
    let nodes = cuts.passedOver == 1 ? "1 node" : "\(cuts.passedOver) nodes"
    return problems + [
      Diagnostic(
        .warning, .unsupported,
        "\(nodes) behind those that cannot be imported could not be looked at: the model does not "
          + "say what they read",
        help: ["onnx.shape_inference.infer_shapes writes the types into the model"])
    ]
  }
}
