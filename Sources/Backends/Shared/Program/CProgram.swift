import IR

/// A function as C: steps that call kernels, the places of their values, and constants.
struct CProgram {
  /// A pointer of the generated interface.
  struct Port {
    /// A C identifier, the member's name.
    let name: String
    /// The name in the model.
    let source: String
    let type: TensorType
  }

  /// Prefix of symbols and files.
  let name: String
  let graph: Graph
  let inputs: [Port]
  let outputs: [Port]
  let steps: [Step]
  let constants: [CConstant]
  let plan: BufferPlan
  /// Multiply-accumulates of one run.
  let macs: Int

  /// Bytes of all constant arrays.
  var weightBytes: Int { constants.reduce(0) { $0 + $1.byteCount } }

  /// - Parameter name: any text; becomes an identifier.
  /// - Throws: `Diagnostic` for an operation without a kernel, at its source node.
  init(name: String, function: Function, table: LoweringTable = LoweringTable()) throws {
    let graph = function.graph
    self.graph = graph
    let prefix = CIdentifier.make(from: name, fallback: "model")
    self.name = prefix
    inputs = CProgram.ports(function.inputs, fallback: "input")
    outputs = CProgram.ports(function.outputs, fallback: "output")
    plan = BufferPlan(
      graph, isAlias: { LoweringTable.isAlias($0.operation) },
      overwrites: { LoweringTable.overwrites($0, graph) })
    var pool = ConstantPool()
    var steps: [Step] = []
    var macs = 0
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      macs += node.operation.macs(
        operands: node.operands.map { graph[$0] }, results: node.results.map { graph[$0] })
      if LoweringTable.isAlias(node.operation) { continue }
      let mnemonic = type(of: node.operation).mnemonic
      guard let lowering = table[node.operation] else {
        throw Diagnostic.unsupported(
          "'\(mnemonic)' has no C kernel", place: node.location.summary)
      }
      var builder = StepBuilder(
        view: OperationView(id: id, graph: graph), name: "\(mnemonic)_\(steps.count)",
        prefix: prefix, pool: pool)
      try lowering(&builder)
      pool = builder.pool
      steps.append(builder.finish())
    }
    for (_, place) in plan.copies {
      guard case .constant(let value) = place, let tensor = graph.constant(value) else { continue }
      _ = pool.name(
        for: value, layout: "", proposed: "result_\(pool.constants.count)",
        source: graph.name(of: value) ?? "") { tensor }
    }
    (self.steps, self.macs) = (steps, macs)
    pluginSources = try CProgram.pluginSources(steps)
    constants = pool.constants
    constantNames = pool.plainNames
  }

  private let constantNames: [Value: String]

  /// The files that plugins' operations bring, each once.
  let pluginSources: [CSource]

  /// - Throws: a `Diagnostic` for two files of one name that differ, or one named as edgecc's own.
  private static func pluginSources(_ steps: [Step]) throws -> [CSource] {
    var sources: [CSource] = []
    for source in steps.flatMap(\.calls).compactMap(\.source) where !sources.contains(source) {
      guard !sources.contains(where: { $0.fileName == source.fileName }) else {
        throw Diagnostic.error("two plugins bring a C file named '\(source.fileName)'")
      }
      guard KernelLibrary().files[source.fileName] == nil else {
        throw Diagnostic.error(
          "a plugin brings a C file named '\(source.fileName)', which is the name of edgecc's own")
      }
      sources.append(source)
    }
    return sources
  }

  private static func ports(
    _ list: [(name: String, type: TensorType)], fallback: String
  ) -> [Port] {
    let names = CIdentifier.distinct(list.map(\.name), fallback: fallback)
    return zip(names, list).map { Port(name: $0, source: $1.name, type: $1.type) }
  }

  /// The kernels in use, by file name.
  var headers: Set<String> { Set(steps.flatMap { $0.calls.map(\.header) }) }

  /// The C expression for the bytes of `place` inside the run function.
  func expression(_ place: BufferPlan.Place) -> String {
    switch place {
    case .input(let index): "inputs->\(inputs[index].name)"
    case .output(let index): "outputs->\(outputs[index].name)"
    case .arena(let offset): "(void *)(memory + \(offset))"
    case .constant(let value): symbol(constantNames[value] ?? "missing")
    }
  }

  /// Constants have external linkage, so they carry the program's name.
  func symbol(_ constant: String) -> String { "\(name)_\(constant)" }
}
