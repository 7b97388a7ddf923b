import IR

/// Writes one function as a `GraphProto`.
///
/// The core's images are NHWC and ONNX's are NCHW. A value may be there in either order; what a
/// convolution makes is NCHW and stays so through everything that does not care for the order, and a
/// `Transpose` is written only where the other order is asked for. See `GraphWriter+Values`.
struct GraphWriter {
  let function: Function
  var graph: Graph { function.graph }
  var nodes: [ONNXNode] = []
  var initializers: [WireMessage] = []
  var forms: [ValueForm: String] = [:]
  var parameters: [ParameterForm: String] = [:]
  var tensors: [Tensor: String] = [:]
  /// Names that others may refer to, so that no node may be renamed to something else.
  var settled: Set<String> = []
  var names = UniqueNames()
  var log = DiagnosticLog()
  /// Of the operation that is being written: prefix of its nodes' names.
  var current: String = ""

  init(_ function: Function) { self.function = function }

  /// The whole graph.
  mutating func write(named name: String) throws -> WireMessage {
    try checkInterface()
    for port in function.inputs + function.outputs { names.reserve(port.name) }
    for (value, input) in zip(graph.arguments, function.inputs) {
      forms[ValueForm(value: value)] = input.name
    }
    for id in graph.operations(in: graph.entry) { write(id) }
    try log.throwIfErrors()
    for (value, name) in zip(graph.results, graph.resultNames) { yield(value, as: name) }
    try log.throwIfErrors()
    return message(named: name)
  }

  private func message(named name: String) -> WireMessage {
    var result = WireMessage()
    for node in nodes { result.add(1, message: node.message) }
    result.add(2, text: name)
    for tensor in initializers { result.add(5, message: tensor) }
    for (field, ports) in [(11, function.inputs), (12, function.outputs)] {
      for port in ports {
        guard let code = port.type.element.onnxCode else { continue }
        result.add(field, message: .port(port.name, port.type, code: code))
      }
    }
    return result
  }

  /// Refuses what no node can change: states, and types of inputs and outputs that ONNX lacks.
  private func checkInterface() throws {
    if let state = function.states.first {
      throw Diagnostic.unsupported(
        "an ONNX model keeps nothing from run to run, and '\(state.name)' is a state",
        help: ["make the states constants: --pass-pipeline reset-states"])
    }
    let ports = function.inputs + function.outputs
    if let port = ports.first(where: { $0.type.element.onnxCode == nil }) {
      throw Diagnostic.unsupported(
        "'\(port.name)' is \(port.type), and operator set \(ONNXWriter.operatorSet) has no such type")
    }
  }

  /// Writes one operation, or logs why it cannot be written and goes on.
  private mutating func write(_ id: OperationID) {
    let node = graph[id]
    let mnemonic = type(of: node.operation).mnemonic
    let nodeNames = node.location.nodes.map(\.name).filter { !$0.isEmpty }
    current = nodeNames.isEmpty ? mnemonic : nodeNames.joined(separator: "+")
    do {
      try emit(id)
    } catch {
      let reason = (error as? OperationError)?.message ?? "\(error)"
      log.append(
        .unsupported(
          "'\(mnemonic)' cannot be written to ONNX: \(reason)",
          place: nodeNames.isEmpty ? nil : current,
          help: ["--emit ir writes every operation, as text IR"]))
      // What reads it is looked at, too.
      for result in node.results { forms[ValueForm(value: result)] = names.make(current) }
    }
  }

  /// The graph's result `name`: a copy where `value` bears another name.
  private mutating func yield(_ value: Value, as name: String) {
    current = name
    let found = self.name(value)
    guard found != name else { return }
    add("Identity", [found], output: name)
  }

  // MARK: Nodes

  /// Adds a node with one result, and gives the result's name.
  @discardableResult
  mutating func add(
    _ operation: String, _ inputs: [String], _ attributes: [NodeAttribute] = [],
    output: String? = nil
  ) -> String {
    let name = names.make(node: current, operation)
    let result = output ?? names.make("\(name)_output")
    nodes.append(
      ONNXNode(
        operation: operation, inputs: inputs, output: result, name: name, attributes: attributes))
    return result
  }

  // MARK: Constants

  /// The name of an initializer that holds `tensor`; equal tensors are written once.
  mutating func initializer(_ tensor: Tensor, preferred: String? = nil) -> String {
    let plain = tensor.reinterpreted(as: tensor.type.with(quantization: nil))
    if let known = tensors[plain] { return known }
    let name = names.make(preferred ?? "constant")
    guard let code = plain.element.onnxCode else {
      log.append(
        .unsupported(
          "a constant of \(plain.type) cannot be written to operator set "
            + "\(ONNXWriter.operatorSet), which has no such type",
          place: current))
      return name
    }
    initializers.append(.tensor(plain, name: name, code: code))
    tensors[plain] = name
    return name
  }

  mutating func integers(_ values: [Int]) -> String { initializer(Tensor(integers: values)) }

  /// A scalar of `element`.
  mutating func scalar(_ value: Float, _ element: ElementType) -> String {
    initializer(
      element.isFloat
        ? Tensor.from(doubles: [Double(value)], element, [])
        : Tensor.from(integers: [Int(exactly: value.rounded()) ?? 0], element, []))
  }
}

/// Names that are given once.
struct UniqueNames {
  private var used: Set<String> = []
  private var nextSuffix: [String: Int] = [:]
  private var usedByNodes: Set<String> = []

  mutating func reserve(_ name: String) { used.insert(name) }

  /// `preferred`, or that with the first number behind it that is free.
  mutating func make(_ preferred: String) -> String {
    var name = preferred
    while !used.insert(name).inserted {
      let suffix = nextSuffix[preferred, default: 1]
      nextSuffix[preferred] = suffix + 1
      name = "\(preferred)_\(suffix)"
    }
    return name
  }

  /// The name of a node: its place in the source model, with the operator where that is taken.
  mutating func make(node place: String, _ operation: String) -> String {
    if usedByNodes.insert(place).inserted { return place }
    var name = "\(place)/\(operation)"
    var suffix: Int = 1
    while !usedByNodes.insert(name).inserted {
      name = "\(place)/\(operation)_\(suffix)"
      suffix += 1
    }
    return name
  }
}
