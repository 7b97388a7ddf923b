/// Writes a module in the text form, which `Parser` reads back to the same module.
///
/// ```
/// module @digits source("digits.onnx", "onnx", "") {
///   constant @w : tensor<8x3x3x1xf32> = resource<"fnv1a64:…">
///   func @main(%image: tensor<1x8x8x1xf32>) -> (logits: tensor<1x6x6x8xf32>) {
///     %0 = conv2d(%image, @w) : tensor<1x6x6x8xf32> loc("stem.conv" : "Conv")
///     return %0
///   }
/// }
/// resources {
///   "fnv1a64:…" : "base64"
/// }
/// ```
public struct Printer {
  /// Constants with more elements than this are printed as resources.
  static let inlineLimit: Int = 16

  private let module: Module
  private let includesResources: Bool
  private var text = ""
  private var resources: [(digest: String, tensor: Tensor)] = []
  private var resourceIndex: [String: Int] = [:]

  /// - Parameter resources: whether the bytes of large constants are written; a text without them
  ///   is for reading only.
  public static func print(_ module: Module, resources: Bool = true) -> String {
    var printer = Printer(module, resources)
    printer.printModule()
    return printer.text
  }

  private init(_ module: Module, _ resources: Bool) {
    self.module = module
    includesResources = resources
  }

  private mutating func printModule() {
    text += "module @\(Printer.symbol(module.name))"
    if module.source != Module.Source() {
      let source = module.source
      text += " source(\(source.file.quoted), \(source.format.quoted), \(source.producer.quoted))"
    }
    text += " {\n"
    let constants = constantNames()
    for (index, function) in module.functions.enumerated() {
      for value in function.graph.constants() {
        if let tensor = function.graph.constant(value), let name = constants[index][value] {
          printConstant(name, tensor)
        }
      }
    }
    for (index, function) in module.functions.enumerated() {
      printFunction(function, constants[index])
    }
    text += "}\n"
    guard includesResources, !resources.isEmpty else { return }
    text += "resources {\n"
    for (digest, tensor) in resources {
      text += "  \(digest.quoted) : \"\(Base64.encode(tensor.storage.unalignedBytes))\"\n"
    }
    text += "}\n"
  }

  private static func symbol(_ name: String) -> String {
    Lexer.isBareName(name) ? name : name.quoted
  }

  /// Constants are named across the module, so that functions can share the list.
  private func constantNames() -> [NameTable] {
    let all = module.functions.map { function in
      function.graph.constants().map { ($0, function.graph.name(of: $0)) }
    }
    let reserved = Set(all.joined().compactMap { $0.1 })
    var table = NameTable(reserved: reserved)
    var seen: Set<String> = []
    return all.map { constants in
      for (value, name) in constants {
        table.add(value, name, isFirst: name.map { seen.insert($0).inserted } ?? true)
      }
      return table
    }
  }

  private mutating func printConstant(_ name: String, _ tensor: Tensor) {
    text += "  constant @\(name) : \(tensor.type) = "
    if let inline = Printer.inline(tensor) {
      text += "dense<[\(inline)]>\n"
      return
    }
    var digest = contentDigest(tensor.storage.unalignedBytes)
    while let index = resourceIndex[digest],
      !resources[index].tensor.storage.unalignedBytes.elementsEqual(tensor.storage.unalignedBytes)
    { digest += "+" }
    if resourceIndex[digest] == nil {
      resourceIndex[digest] = resources.count
      resources.append((digest, tensor))
    }
    text += "resource<\(digest.quoted)>\n"
  }

  /// The elements of a small constant; nil for large ones and for NaN, whose bits must survive.
  private static func inline(_ tensor: Tensor) -> String? {
    if tensor.element == .string {
      return tensor.storage.strings.map(\.quoted).joined(separator: ", ")
    }
    guard tensor.count <= inlineLimit else { return nil }
    if tensor.element == .u64 {
      return tensor.array(of: UInt64.self).map { "\($0)" }.joined(separator: ", ")
    }
    if !tensor.element.isFloat {
      return tensor.integers().map { "\($0)" }.joined(separator: ", ")
    }
    if tensor.element == .f64 {
      let values = tensor.array(of: Double.self)
      return values.contains(where: \.isNaN)
        ? nil : values.map { "\($0)" }.joined(separator: ", ")
    }
    let values = tensor.floats()
    return values.contains(where: \.isNaN) ? nil : values.map { "\($0)" }.joined(separator: ", ")
  }
}

// MARK: Functions

extension Printer {
  private mutating func printFunction(_ function: Function, _ constants: NameTable) {
    let graph = function.graph
    let names = Printer.valueNames(graph)
    text += "  func @\(Printer.symbol(function.name))("
    let inputs = Array(graph.arguments.dropLast(graph.initialStates.count))
    text += Printer.arguments(inputs, graph, names) + ")"
    let states = zip(graph.stateArguments, graph.initialStates).map { state, initial in
      "%\(names[state] ?? ""): \(graph[state]) = @\(constants[initial] ?? "undefined")"
    }
    if !states.isEmpty { text += " state(" + states.joined(separator: ", ") + ")" }
    text += " -> ("
    text += function.outputs.map { "\(Printer.symbol($0.name)): \($0.type)" }
      .joined(separator: ", ")
    text += ") {\n"
    let scope = Scope(graph: graph, names: names, constants: constants)
    printBlock(graph.entry, scope, keyword: "return", indent: "    ")
    text += "  }\n"
  }

  private struct Scope {
    let graph: Graph
    let names: NameTable
    let constants: NameTable

    func name(_ value: Value) -> String {
      if let name = names[value] { return "%" + name }
      return "@" + (constants[value] ?? "undefined")
    }
  }

  private static func arguments(_ values: [Value], _ graph: Graph, _ names: NameTable) -> String {
    values.map { "%\(names[$0] ?? ""): \(graph[$0])" }.joined(separator: ", ")
  }

  private static func valueNames(_ graph: Graph) -> NameTable {
    var ordered = graph.arguments
    for id in graph.allOperations() {
      ordered += graph[id].results
      for region in graph[id].regions { ordered += graph.arguments(of: region) }
    }
    var table = NameTable(reserved: Set(ordered.compactMap { graph.name(of: $0) }))
    var seen: Set<String> = []
    for value in ordered {
      let name = graph.name(of: value)
      table.add(value, name, isFirst: name.map { seen.insert($0).inserted } ?? true)
    }
    return table
  }

  private mutating func printBlock(
    _ block: Block, _ scope: Scope, keyword: String, indent: String
  ) {
    for id in scope.graph.operations(in: block) { printOperation(id, scope, indent) }
    let all = scope.graph.results(of: block).map { scope.name($0) }
    let states = block == scope.graph.entry ? scope.graph.initialStates.count : 0
    let results = all.dropLast(states).joined(separator: ", ")
    text += indent + keyword + (results.isEmpty ? "" : " " + results)
    if states > 0 { text += " next " + all.suffix(states).joined(separator: ", ") }
    text += "\n"
  }

  private mutating func printOperation(_ id: OperationID, _ scope: Scope, _ indent: String) {
    let node = scope.graph[id]
    text += indent
    if !node.results.isEmpty {
      text += node.results.map { scope.name($0) }.joined(separator: ", ") + " = "
    }
    text += type(of: node.operation).mnemonic + "("
    text += node.operands.map { scope.name($0) }.joined(separator: ", ") + ")"
    let attributes = node.operation.attributes
    if !attributes.isEmpty {
      let items = attributes.map { "\($0.name) = \(Printer.spelled($0.value))" }
      text += " {" + items.joined(separator: ", ") + "}"
    }
    if !node.results.isEmpty {
      text += " : " + node.results.map { "\(scope.graph[$0])" }.joined(separator: ", ")
    }
    text += Printer.location(node.location) + "\n"
    for region in node.regions {
      let arguments = Printer.arguments(
        scope.graph.arguments(of: region), scope.graph, scope.names)
      text += "\(indent)  region(\(arguments)) {\n"
      printBlock(region, scope, keyword: "yield", indent: indent + "    ")
      text += "\(indent)  }\n"
    }
  }

  private static func location(_ location: Location) -> String {
    if location.nodes.isEmpty { return "" }
    let nodes = location.nodes.map { node in
      node.operation.isEmpty
        ? node.name.quoted : "\(node.name.quoted) : \(node.operation.quoted)"
    }
    return " loc(" + nodes.joined(separator: ", ") + ")"
  }

  static func spelled(_ attribute: Attribute) -> String {
    switch attribute {
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let value): value.quoted
    case .ints(let list): "[" + list.map { "\($0)" }.joined(separator: ", ") + "]"
    case .floats(let list): "[" + list.map { "\($0)" }.joined(separator: ", ") + "]"
    case .strings(let list): "[" + list.map(\.quoted).joined(separator: ", ") + "]"
    case .empty: "[]"
    }
  }
}
