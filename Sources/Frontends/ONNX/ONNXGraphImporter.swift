import CProto
import IR

/// Imports one ONNX graph: names to values, nodes to core operations.
///
/// Goes on after a node that fails, leaving out what depends on it, so that one run reports every
/// node that cannot be imported.
final class ONNXGraphImporter {
  let graph: Onnx__GraphProto
  let tensors: TensorReader
  let types: TypeReader
  let table: ONNXOperatorTable
  private let functions: [String: Onnx__FunctionProto]
  let builder: GraphBuilder
  /// The names that nodes see at the moment.
  var scope: ONNXScope
  var problems: [Diagnostic] = []
  /// Where nodes were cut out, if the options ask for that.
  var cuts = ONNXCuts()
  private(set) var remarks: [Diagnostic] = []
  /// Nodes that may still be imported; unrolled loops and nested functions use it up.
  private var budget: Int
  /// Nodes that loops and functions may add to those of the file.
  private static let unrolledLimit: Int = 1 << 17

  init(
    _ graph: Onnx__GraphProto, opsets: [String: Int], functions: [String: Onnx__FunctionProto],
    tensors: TensorReader, types: TypeReader, table: ONNXOperatorTable, dataBytes: Int
  ) {
    self.graph = graph
    self.functions = functions
    self.tensors = tensors
    self.types = types
    self.table = table
    scope = ONNXScope(opsets: opsets)
    budget = graph.n_node + ONNXGraphImporter.unrolledLimit
    builder = GraphBuilder(dataBytes: dataBytes)
  }

  /// - Throws: `Diagnostics` with everything that was found.
  func run() throws -> Graph {
    var calls = FunctionCalls(functions)
    try calls.check(graph, limit: budget)
    readInitializers(graph)
    readInputs()
    importNodes(messages(graph.node, graph.n_node).map(\.pointee))
    let results = readOutputs()
    if !problems.isEmpty && !canCut { throw Diagnostics(problems) }
    builder.rewriter.setResults(results + cuts.results(besides: results.map(\.value)))
    eraseUnused()
    return builder.rewriter.graph
  }

  // MARK: Names

  func define(_ name: String, _ value: ONNXValue) {
    guard scope.define(name, value) else {
      problems.append(.error("two values are named '\(name)'", place: name))
      return
    }
    // Names from inside functions and unrolled loops would not be unique.
    guard scope.depth == 0, let tensor = value.tensor,
      builder.rewriter.graph.name(of: tensor) == nil
    else { return }
    builder.rewriter.setName(name, of: tensor)
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

  func readInitializers(_ graph: Onnx__GraphProto) {
    for tensor in messages(graph.initializer, graph.n_initializer).map(\.pointee) {
      let name = text(tensor.name)
      let isRead = attempt(place: name) {
        let read = try tensors.read(tensor)
        if tensor.n_external_data > 0 { builder.addData(bytes: read.type.byteCount) }
        define(name, .tensor(builder.constant(read)))
      }
      if !isRead { scope.fail([name]) }
    }
    for sparse in messages(graph.sparse_initializer, graph.n_sparse_initializer).map(\.pointee) {
      let name = text(sparse.values?.pointee.name)
      let isRead = attempt(place: name) {
        define(name, .tensor(builder.constant(try tensors.read(sparse: sparse))))
      }
      if !isRead { scope.fail([name]) }
    }
  }

  private func readInputs() {
    for info in messages(graph.input, graph.n_input).map(\.pointee) {
      let name = text(info.name)
      // Before IR version 4 every initializer was listed as an input, too.
      let isConstant = scope.value(name)?.tensor.map { builder.constant($0) != nil } == true
      if scope.isFailed(name) || isConstant { continue }
      let isRead = attempt(place: name) { define(name, try makeInput(info, name)) }
      if !isRead { scope.fail([name]) }
    }
  }

  private func makeInput(_ info: Onnx__ValueInfoProto, _ name: String) throws -> ONNXValue {
    if let fixed = types.options.constants[name] {
      try types.check(fixed, info)
      return constant(fixed)
    }
    let kind = try types.kind(of: info)
    guard kind.isTensor else {
      throw Diagnostic.unsupported(
        "it is a \(kind): how many tensors it has is known only in a run",
        help: ["a test case gives it a value: edgecc conformance FOLDER"])
    }
    return .tensor(builder.rewriter.addArgument(try types.read(info), name: name))
  }

  private func constant(_ value: ModelValue) -> ONNXValue {
    switch value {
    case .tensor(let tensor): .tensor(builder.constant(tensor))
    case .sequence(let elements): .sequence(elements.map { constant($0) })
    case .optional(let element): .optional(element.map { constant($0) })
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
      if scope.isFailed(name) { continue }
      guard let value = scope.value(name) else {
        problems.append(.error("output '\(name)' is not made by any node", place: name))
        continue
      }
      if let tensor = value.tensor { checkDeclaration(info, name, builder.type(tensor)) }
      results += value.tensors(named: name)
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

  func importNodes(_ nodes: [Onnx__NodeProto]) {
    let inputs = nodes.map { namesRead(by: $0) }
    let outputs = nodes.map { strings($0.output, $0.n_output).filter { !$0.isEmpty } }
    let order = NodeOrder(
      inputs: inputs, outputs: outputs,
      isKnown: { self.scope.value($0) != nil || self.scope.isFailed($0) })
    for index in order.order { importNode(nodes[index]) }
    let made = Set(outputs.joined())
    for (node, input) in order.stuck {
      let reason = made.contains(input)
        ? "waits for '\(input)', which itself waits for this node or for an undefined value"
        : "reads '\(input)', which nothing defines"
      problems.append(.error("the node \(reason)", place: displayName(nodes[node])))
      scope.fail(outputs[node])
    }
  }

  private func displayName(_ node: Onnx__NodeProto) -> String {
    let name = text(node.name)
    let own = !name.isEmpty
      ? name : strings(node.output, node.n_output).first { !$0.isEmpty } ?? text(node.op_type)
    return scope.path.isEmpty ? own : scope.path + "/" + own
  }

  /// Takes `count` nodes from what may still be imported. Past the end, one node tells why; those
  /// after it fail as if they depended on it.
  func spend(_ count: Int) throws {
    guard budget > 0 else { throw Diagnostics([]) }
    budget -= count
    guard budget > 0 else {
      throw Diagnostic.unsupported(
        "the model's loops and functions unroll to more than \(ONNXGraphImporter.unrolledLimit) nodes")
    }
  }

  private func importNode(_ node: Onnx__NodeProto) {
    let place = displayName(node)
    let outputs = strings(node.output, node.n_output)
    let known = problems.count
    let isImported = attempt(place: place) {
      try spend(1)
      let names = strings(node.input, node.n_input)
      if let function = function(of: node) {
        if skips(names, outputs) { return }
        let results = try importFunction(function, node, names, place)
        return try defineOutputs(text(node.op_type), outputs, results)
      }
      let (entry, opset) = try findEntry(node)
      if skips(names, outputs) { return }
      builder.location = Location(name: place, operation: text(node.op_type))
      let attributes = try AttributeReader(node, tensors, scope.attributes)
      let source = SourceNodeReader(
        operation: text(node.op_type), opset: opset,
        inputs: names.map { $0.isEmpty ? nil : scope.value($0) }, outputs: outputs,
        attributes: attributes)
      try checkInputCount(source, entry)
      let results = try controlFlow(source, place) ?? entry.importNode(source, builder)
      try defineOutputs(source.operation, outputs, results)
      reportUnread(attributes, place)
    }
    if !isImported { fail(node, outputs, problemsBefore: known) }
  }

  /// Whether a node depends on one that failed, so that its outputs fail, too.
  private func skips(_ inputs: [String], _ outputs: [String]) -> Bool {
    guard inputs.contains(where: scope.isFailed) else { return false }
    cuts.passedOver += 1
    scope.fail(outputs)
    return true
  }

  private func function(of node: Onnx__NodeProto) -> Onnx__FunctionProto? {
    functions[
      functionKey(text(node.domain), text(node.op_type), text(node.overload))]
  }

  private func checkInputCount(_ node: SourceNodeReader, _ entry: ONNXOperator) throws {
    guard node.inputs.count <= entry.inputs.upperBound else {
      throw node.invalid("takes at most \(entry.inputs.upperBound) inputs, not \(node.inputs.count)")
    }
    for index in 0..<entry.inputs.lowerBound { _ = try node.anyInput(index) }
  }

  private func defineOutputs(
    _ operation: String, _ outputs: [String], _ results: [ONNXValue]
  ) throws {
    for (index, name) in outputs.enumerated() where !name.isEmpty {
      guard index < results.count else {
        throw Diagnostic.unsupported(
          "'\(operation)': its output \(index) ('\(name)') is not supported")
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
    guard let opset = scope.opsets[domain] else {
      let shown = domain.isEmpty ? "ai.onnx" : domain
      throw Diagnostic.error(
        "'\(name)' is of the domain '\(shown)', which the model does not import")
    }
    if table.knows(domain: domain) { try ONNXVersions.check(opset, of: domain) }
    guard let entry = table.entry(domain: domain, name: name) else {
      throw table.unknownOperator(name, domain, opset)
    }
    guard opset >= entry.opsets.lowerBound else {
      throw Diagnostic.unsupported(
        "'\(name)' of opset \(opset) is not supported, only from \(entry.opsets.lowerBound) on",
        help: ["convert the model to opset 13 or later, with onnx.version_converter"])
    }
    return (entry, opset)
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
