import IR

/// A tensor of the subgraph that is being written.
struct FlatTensor: Hashable {
  let index: Int
  let type: TensorType
}

/// Writes one block as a `SubGraph`: the core's layouts (NHWC, OHWI) are TFLite's.
struct SubgraphWriter {
  let graph: Graph
  let model: TFLiteModel
  private(set) var tensors: [FlatTable] = []
  private var titles: [String] = []
  var operators: [FlatTable] = []
  /// What is there of the graph's values.
  var values: [Value: FlatTensor] = [:]
  private var constants: [Tensor: FlatTensor] = [:]
  var names = UniqueNames()
  var log = DiagnosticLog()
  /// The source nodes of the operation that is being written.
  var current: String = ""
  /// Tensors that more than the operation before reads, so that they keep their names.
  private var settled: Set<Int> = []
  private(set) var inputs: [FlatTensor] = []
  private(set) var outputs: [FlatTensor] = []

  init(_ graph: Graph, _ model: TFLiteModel) {
    self.graph = graph
    self.model = model
  }

  // MARK: Subgraphs

  /// Writes the function that runs.
  mutating func writeMain(_ function: Function) throws {
    let place = model.reserveSubgraph()
    try checkInterface(function)
    for port in function.outputs { names.reserve(port.name) }
    for (value, port) in zip(graph.arguments, function.inputs) {
      values[value] = input(port.type, named: port.name)
    }
    let states = beginStates(function)
    write(graph.entry)
    try log.throwIfErrors()
    for (value, port) in zip(graph.results, function.outputs) {
      yield(value, as: port.name)
    }
    endStates(states)
    try log.throwIfErrors()
    model.fill(place, with: table(named: function.name))
  }

  /// Writes the operations of `block`.
  mutating func write(_ block: Block) {
    for id in graph.operations(in: block) { write(id) }
  }

  mutating func input(_ type: TensorType, named name: String) -> FlatTensor {
    let tensor = make(type, named: name)
    titles[tensor.index] = name
    settled.insert(tensor.index)
    inputs.append(tensor)
    return tensor
  }

  /// Says that `value` is the next output: a copy where what it is may not be one.
  mutating func yield(_ value: Value, as name: String) {
    current = name
    let found = tensor(value)
    let isOwn =
      graph.producer(of: value) != nil && !outputs.contains(found)
      && !inputs.contains(found)
    guard !isOwn else {
      titles[found.index] = name
      outputs.append(found)
      return
    }
    let made = copy(found, as: found.type)
    titles[made.index] = name
    outputs.append(made)
  }

  func table(named name: String) -> FlatTable {
    var result = FlatTable("SubGraph")
    result.set(
      "tensors",
      zip(tensors, titles).map { table, title in
        var named = table
        named.set("name", text: title)
        return named
      })
    result.set("inputs", list: inputs.map(\.index))
    result.set("outputs", list: outputs.map(\.index))
    result.set("operators", operators)
    result.set("name", text: name)
    return result
  }

  /// The signature with the function's names for inputs and outputs.
  func signature(_ function: Function) -> FlatTable {
    var result = FlatTable("SignatureDef")
    let names = [("inputs", inputs, function.inputs), ("outputs", outputs, function.outputs)]
    for (field, tensors, ports) in names {
      result.set(
        field,
        zip(tensors, ports).map { tensor, port in
          var entry = FlatTable("TensorMap")
          entry.set("name", text: port.name)
          entry.set("tensor_index", tensor.index)
          return entry
        })
    }
    result.set("signature_key", text: TFLiteWriter.signature)
    result.set("subgraph_index", 0)
    return result
  }

  /// Refuses types of inputs and outputs that TFLite lacks.
  private func checkInterface(_ function: Function) throws {
    let ports = function.inputs + function.outputs
    if let port = ports.first(where: { $0.type.element.tfliteName == nil }) {
      throw Diagnostic.unsupported(
        "'\(port.name)' is \(port.type), and TFLite has no such type",
        help: ["--emit ir writes every type, as text IR"])
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
    } catch let several as Diagnostics {
      for diagnostic in several.all { log.append(diagnostic) }
    } catch {
      let reason = (error as? OperationError)?.message ?? "\(error)"
      log.append(
        .unsupported(
          "'\(mnemonic)' cannot be written to TFLite: \(reason)",
          place: nodeNames.isEmpty ? nil : current,
          help: ["--emit ir writes every operation, as text IR"]))
    }
    // What reads it is looked at, too.
    for result in node.results where values[result] == nil { values[result] = make(graph[result]) }
  }

  // MARK: Tensors

  /// The tensor that `value` is.
  mutating func tensor(_ value: Value) -> FlatTensor {
    if let known = values[value] {
      settled.insert(known.index)
      return known
    }
    guard let content = graph.constant(value) else {
      preconditionFailure("a value is used before it is written")
    }
    let result = constant(content, named: graph.name(of: value))
    values[value] = result
    return result
  }

  /// A constant; equal ones are written once.
  mutating func constant(_ content: Tensor, named name: String? = nil) -> FlatTensor {
    if let known = constants[content] { return known }
    let result = make(content.type, named: name ?? "constant", buffer: model.buffer(content))
    settled.insert(result.index)
    constants[content] = result
    return result
  }

  /// A list of 32-bit integers: shapes, axes, amounts.
  mutating func integers(_ values: [Int]) -> FlatTensor {
    constant(Tensor.from(integers: values, .i32, [values.count]))
  }

  /// A scalar of `element`.
  mutating func scalar(_ value: Float, _ element: ElementType = .f32) -> FlatTensor {
    constant(
      element.isFloat
        ? Tensor.from(doubles: [Double(value)], element, [])
        : Tensor.from(integers: [Int(exactly: value.rounded()) ?? 0], element, []))
  }

  /// A new tensor, which an operator is to fill, or whose bytes are in `buffer`.
  mutating func make(_ type: TensorType, named name: String? = nil, buffer: Int = 0) -> FlatTensor {
    var table = FlatTable("Tensor")
    let shape = type.shape
    table.set("shape", list: shape.dimensions.map { $0 == Shape.unknown ? 1 : $0 })
    if !shape.isStatic { table.set("shape_signature", list: shape.dimensions) }
    if let element = type.element.tfliteName {
      table.set("type", symbol: element)
    } else {
      log.append(
        .unsupported(
          "a tensor of \(type) cannot be written to TFLite, which has no such type", place: current,
          help: ["--emit ir writes every type, as text IR"]))
    }
    table.set("buffer", buffer)
    if let quantization = type.quantization { table.set("quantization", steps(quantization)) }
    table.set("has_rank", true)
    tensors.append(table)
    titles.append(names.make(name ?? current))
    return FlatTensor(index: tensors.count - 1, type: type)
  }

  /// A tensor that the runtime keeps from run to run and fills with zeros before the first.
  mutating func makeVariable(_ type: TensorType, named name: String) -> FlatTensor {
    let tensor = make(type, named: name)
    tensors[tensor.index].set("is_variable", true)
    settled.insert(tensor.index)
    return tensor
  }

  /// A tensor that holds the handle of a variable, which no element type of the core stands for.
  mutating func makeHandle(named name: String) -> FlatTensor {
    let tensor = make(TensorType(.i32, .scalar), named: name)
    tensors[tensor.index].set("type", symbol: "RESOURCE")
    return tensor
  }

  private func steps(_ quantization: Quantization) -> FlatTable {
    var table = FlatTable("QuantizationParameters")
    table.set("scale", reals: quantization.scales)
    table.set("zero_point", list: quantization.zeroPoints.map { Int($0) })
    if let axis = quantization.axis { table.set("quantized_dimension", axis) }
    return table
  }

  /// Says that `made` is `value`. It gets the value's name where nothing else reads it.
  mutating func define(_ value: Value, _ made: FlatTensor) {
    let declared = graph[value]
    var result = made
    if made.type.element != declared.element || made.type.quantization != declared.quantization {
      result = copy(made, as: declared)
    }
    if !settled.contains(result.index), let name = graph.name(of: value) {
      titles[result.index] = names.make(name)
    }
    settled.insert(result.index)
    values[value] = result
  }
}
