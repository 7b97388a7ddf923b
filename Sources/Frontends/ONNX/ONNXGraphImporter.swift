import CProto
import IR

/// Imports one ONNX graph: names to values, nodes to core operations.
///
/// Goes on after a node that fails, leaving out what depends on it, so that one run reports every
/// node that cannot be imported.
final class ONNXGraphImporter {
  private let graph: Onnx__GraphProto
  private let opsets: [String: Int]
  private let tensors: TensorReader
  private let types: TypeReader
  private let table: ONNXOperatorTable
  private let builder = GraphBuilder()
  private var values: [String: Value] = [:]
  /// The names whose node failed.
  private var failed: Set<String> = []
  private var problems: [Diagnostic] = []
  private(set) var remarks: [Diagnostic] = []

  init(
    _ graph: Onnx__GraphProto, opsets: [String: Int], tensors: TensorReader, types: TypeReader,
    table: ONNXOperatorTable
  ) {
    self.graph = graph
    self.opsets = opsets
    self.tensors = tensors
    self.types = types
    self.table = table
  }

  /// - Throws: `Diagnostics` with everything that was found.
  func run() throws -> Graph {
    readInitializers()
    readInputs()
    let nodes = messages(graph.node, graph.n_node).map(\.pointee)
    try importNodes(nodes)
    let results = readOutputs()
    if !problems.isEmpty { throw Diagnostics(problems) }
    builder.rewriter.setResults(results)
    eraseUnused()
    return builder.rewriter.graph
  }

  // MARK: Names

  private func define(_ name: String, _ value: Value) {
    guard values.updateValue(value, forKey: name) == nil else {
      problems.append(.error("two values are named '\(name)'", place: name))
      return
    }
    if builder.rewriter.graph.name(of: value) == nil { builder.rewriter.setName(name, of: value) }
  }

  private func attempt(place: String, _ body: () throws -> Void) -> Bool {
    do {
      try body()
      return true
    } catch let error as OperationError {
      problems.append(.error(error.message, place: place))
    } catch var diagnostic as Diagnostic {
      if diagnostic.place == nil { diagnostic.place = place }
      problems.append(diagnostic)
    } catch let several as Diagnostics {
      problems += several.all
    } catch {
      problems.append(.internalError("\(error)", place: place))
    }
    return false
  }

  private func readInitializers() {
    for tensor in messages(graph.initializer, graph.n_initializer).map(\.pointee) {
      let name = text(tensor.name)
      let isRead = attempt(place: name) {
        let value = builder.constant(try tensors.read(tensor))
        define(name, value)
      }
      if !isRead { failed.insert(name) }
    }
    for sparse in messages(graph.sparse_initializer, graph.n_sparse_initializer).map(\.pointee) {
      let name = text(sparse.values?.pointee.name)
      problems.append(.unsupported("sparse weights are not supported", place: name))
      failed.insert(name)
    }
  }

  private func readInputs() {
    for info in messages(graph.input, graph.n_input).map(\.pointee) {
      let name = text(info.name)
      // Before IR version 4 every initializer was listed as an input, too.
      if failed.contains(name) || values[name].map({ builder.constant($0) != nil }) == true { continue }
      let isRead = attempt(place: name) {
        let value = builder.rewriter.addArgument(try types.read(info), name: name)
        define(name, value)
      }
      if !isRead { failed.insert(name) }
    }
  }

  private func readOutputs() -> [(name: String, value: Value)] {
    var seen: Set<String> = []
    var results: [(name: String, value: Value)] = []
    let outputs = messages(graph.output, graph.n_output).map(\.pointee)
    if outputs.isEmpty { problems.append(.error("the graph has no outputs")) }
    for info in outputs {
      let name = text(info.name)
      guard seen.insert(name).inserted else {
        problems.append(.error("two outputs are named '\(name)'", place: name))
        continue
      }
      if failed.contains(name) { continue }
      guard let value = values[name] else {
        problems.append(.error("output '\(name)' is not made by any node", place: name))
        continue
      }
      checkDeclaration(info, name, builder.type(value))
      results.append((name, value))
    }
    return results
  }

  /// Compares what the file says about an output with what was inferred.
  private func checkDeclaration(_ info: Onnx__ValueInfoProto, _ name: String, _ type: TensorType) {
    guard info.type != nil, let declared = try? types.read(info) else { return }
    if declared.element != type.element {
      problems.append(
        .error("the model declares '\(name)' as \(declared.element), it is \(type)", place: name))
    } else if !declared.shape.isCompatible(with: type.shape) {
      let message = "the model declares '\(name)' as \(declared), it is \(type)"
      remarks.append(.warning(message, place: name))
    }
  }

  // MARK: Nodes

  private func importNodes(_ nodes: [Onnx__NodeProto]) throws {
    let inputs = nodes.map { strings($0.input, $0.n_input).filter { !$0.isEmpty } }
    let outputs = nodes.map { strings($0.output, $0.n_output).filter { !$0.isEmpty } }
    let order = NodeOrder(
      inputs: inputs, outputs: outputs, known: Set(values.keys).union(failed))
    for index in order.order { importNode(nodes[index]) }
    let made = Set(outputs.joined())
    for (node, input) in order.stuck {
      let reason = made.contains(input)
        ? "waits for '\(input)', which itself waits for this node or for an undefined value"
        : "reads '\(input)', which nothing defines"
      problems.append(.error("the node \(reason)", place: displayName(nodes[node])))
      failed.formUnion(outputs[node])
    }
  }

  private func displayName(_ node: Onnx__NodeProto) -> String {
    let name = text(node.name)
    if !name.isEmpty { return name }
    return strings(node.output, node.n_output).first { !$0.isEmpty } ?? text(node.op_type)
  }

  private func importNode(_ node: Onnx__NodeProto) {
    let place = displayName(node)
    let outputs = strings(node.output, node.n_output)
    let isImported = attempt(place: place) {
      let (entry, opset) = try findEntry(node)
      let names = strings(node.input, node.n_input)
      if names.contains(where: failed.contains) {
        failed.formUnion(outputs)
        return
      }
      let attributes = try AttributeReader(node, tensors)
      let source = SourceNodeReader(
        operation: text(node.op_type), opset: opset,
        inputs: names.map { $0.isEmpty ? nil : values[$0] }, outputs: outputs,
        attributes: attributes)
      try checkInputCount(source, entry)
      builder.location = Location(name: place, operation: source.operation)
      try defineOutputs(source, try entry.importNode(source, builder))
      reportUnread(attributes, place)
    }
    if !isImported { failed.formUnion(outputs) }
  }

  private func checkInputCount(_ node: SourceNodeReader, _ entry: ONNXOperator) throws {
    guard node.inputs.count <= entry.inputs.upperBound else {
      throw node.invalid("takes at most \(entry.inputs.upperBound) inputs, not \(node.inputs.count)")
    }
    for index in 0..<entry.inputs.lowerBound { _ = try node.input(index) }
  }

  private func defineOutputs(_ node: SourceNodeReader, _ results: [Value]) throws {
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      guard index < results.count else {
        throw node.unsupported("its output \(index) ('\(name)') is not supported")
      }
      define(name, results[index])
    }
  }

  private func reportUnread(_ attributes: AttributeReader, _ place: String) {
    for name in attributes.unread {
      remarks.append(
        Diagnostic(.remark, .input, "attribute '\(name)' has no effect here", place: place))
    }
  }

  private func findEntry(_ node: Onnx__NodeProto) throws -> (ONNXOperator, Int) {
    let domain = canonicalDomain(text(node.domain))
    let name = text(node.op_type)
    guard let opset = opsets[domain] else {
      throw Diagnostic.error(
        "'\(name)' is of the domain '\(domain.isEmpty ? "ai.onnx" : domain)', which the model does not import")
    }
    guard let entry = table.entry(domain: domain, name: name) else {
      throw unknownOperator(name, domain, opset)
    }
    guard opset >= entry.opsets.lowerBound else {
      throw Diagnostic.unsupported(
        "'\(name)' of opset \(opset) is not supported, only from \(entry.opsets.lowerBound) on",
        help: ["convert the model to opset 13 or later, with onnx.version_converter"])
    }
    return (entry, opset)
  }

  private func unknownOperator(_ name: String, _ domain: String, _ opset: Int) -> Diagnostic {
    let shown = domain.isEmpty ? "ai.onnx" : domain
    var help = ["a plugin can add the operator: --load-plugin"]
    if domain.isEmpty {
      help.append("or export the model so that '\(name)' is decomposed")
      if let near = nearestName(to: name, in: table.names(domain: domain)) {
        help.append("the nearest operator known is '\(near)'")
      }
    }
    return Diagnostic.unsupported(
      "operator '\(name)' (domain \(shown), opset \(opset)) is not supported", help: help)
  }

  /// Removes what nothing uses: folded shape arithmetic, unused optional results.
  private func eraseUnused() {
    for id in builder.rewriter.graph.allOperations().reversed() {
      let node = builder.rewriter.graph[id]
      let isUsed = node.results.contains { builder.rewriter.graph.isUsed($0) }
      if !isUsed && node.operation.isPure { builder.rewriter.erase(id) }
    }
  }
}

/// `ai.onnx` is another name for the empty domain.
func canonicalDomain(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }
