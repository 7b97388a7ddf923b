import CProto
import IR

/// Turns one subgraph into a graph, operator by operator. Importers add operations through it.
struct GraphImporter: ~Copyable {
  let file: TFLiteFile
  let table: [String: OperatorEntry]
  var rewriter = Rewriter()
  /// The subgraph that is being imported, and where its operations go.
  var subgraphIndex: Int
  var block: Block
  /// The subgraphs around it that are being imported too.
  var callers: [Int] = []
  /// Operators that calls of subgraphs have put in place so far.
  var nestedOperators = 0
  /// What each tensor of the subgraph has become so far.
  var values: [Int: Value] = [:]
  /// Outputs of operators that could not be translated: what reads them is passed over in silence,
  /// so that every finding is an operator's own.
  private var lost: Set<Int> = []
  /// What operators that were cut out read, which would be dead without them.
  var cutOperands: [Int] = []
  /// Whether every operation on constants is computed at once, whatever its size: so where inputs
  /// are bound to values, on which extents may depend.
  var foldsAll = false
  /// The file's variables.
  var variables = VariableTable()

  init(_ file: TFLiteFile, subgraph: Int, _ table: [String: OperatorEntry]) {
    self.file = file
    self.table = table
    subgraphIndex = subgraph
    block = rewriter.graph.entry
  }

  /// Imports all operators, then throws if any had errors.
  mutating func run(_ options: ImportOptions, _ log: inout DiagnosticLog) throws {
    let subgraph = file.subgraph(subgraphIndex)
    foldsAll = !options.constants.isEmpty
    if !options.cutsUnsupported { try findEntries(subgraph, &log) }
    let names = file.signatureNames(of: subgraphIndex)
    if let signatures = file.signatures(of: subgraphIndex), !signatures.others.isEmpty {
      let others = signatures.others.map { "'\($0)'" }.joined(separator: ", ")
      log.append(
        Diagnostic(
          .remark, .input, "the signature '\(signatures.chosen)' is read",
          notes: ["others: \(others)"]))
    }
    let inputs = InputBinding(options: options, file: file, subgraph: subgraphIndex)
    for index in subgraph.inputs where values[index] == nil {
      let name = names[index] ?? title(index)
      if let known = try inputs.constant(index, name: name) {
        values[index] = rewriter.constant(known, name: name)
        continue
      }
      let type = try inputs.type(of: index, name: name, &log)
      values[index] = rewriter.addArgument(type, name: name)
    }
    for index in 0..<subgraph.operatorCount {
      let call = file.call(index, in: subgraphIndex)
      guard !call.inputs.contains(where: { lost.contains($0) }) else {
        if options.cutsUnsupported { report(unknown: call, &log) }
        lost.formUnion(call.outputs)
        continue
      }
      do {
        try translate(call)
      } catch let error {
        for diagnostic in try diagnostics(error, call) { log.append(diagnostic) }
        if !options.cutsUnsupported || !cut(call) { lost.formUnion(call.outputs) }
      }
    }
    if !options.cutsUnsupported || log.errors.contains(where: { $0.category != .unsupported }) {
      try log.throwIfErrors()
    }
    try setResults(subgraph.outputs.filter { !lost.contains($0) }, names)
    try keepStates()
  }

  /// Looks every operator up before anything is translated, so that one run tells of all that are
  /// not read.
  private func findEntries(_ subgraph: Subgraph, _ log: inout DiagnosticLog) throws {
    for index in 0..<subgraph.operatorCount {
      let call = file.call(index, in: subgraphIndex)
      do {
        _ = try entry(of: call)
      } catch let error {
        log.append(try diagnostic(error, call))
      }
    }
    try log.throwIfErrors()
  }

  /// How `call` is read.
  ///
  /// - Throws: `UnsupportedFeature` or a `Diagnostic` where it is not.
  func entry(of call: OperatorCall) throws -> OperatorEntry {
    let title = call.customCode.isEmpty ? call.name : "CUSTOM \(call.customCode)"
    guard let entry = table[call.customCode.isEmpty ? call.name : call.customCode] else {
      throw UnsupportedFeature(
        "the operator \(title)",
        help: call.customCode.isEmpty
          ? refusedOperators[call.name] ?? "'edgecc ops' lists the operators that are read"
          : "load a plugin that imports it: --load-plugin PATH; or convert the model without custom "
            + "operators, or cut it before this node")
    }
    guard call.version <= entry.newestVersion else {
      throw UnsupportedFeature(
        "version \(call.version) of \(title); up to \(entry.newestVersion) is read")
    }
    guard !call.options.unknown else {
      throw UnsupportedFeature("the options table of \(title), of a newer schema,")
    }
    guard entry.operands.contains(call.inputs.count) else {
      throw Diagnostic.error("\(title) has \(call.inputs.count) operands")
    }
    return entry
  }

  mutating func translate(_ call: OperatorCall) throws {
    let entry = try entry(of: call)
    try requireKnownExtents(call)
    try refuseComplexNumbers(call)
    let results = try entry.importer(call, &self)
    // A handle is no value: it stands for its variable.
    let outputs = call.outputs.filter { variables.handles[$0] == nil }
    guard results.count == outputs.count else {
      throw Diagnostic.error("\(call.name) has \(outputs.count) outputs, not \(results.count)")
    }
    for (output, value) in zip(outputs, results) {
      guard values[output] == nil else {
        throw Diagnostic.error("tensor '\(title(output))' is written twice")
      }
      values[output] = try conform(value, to: output, call)
    }
  }

  /// Most importers compute with extents. Where only values show those (`WHERE`, `RANGE`), the
  /// operators go on that leave shapes to the operations.
  private func requireKnownExtents(_ call: OperatorCall) throws {
    guard !GraphImporter.leavingShapes.contains(call.name) else { return }
    for index in call.inputs {
      guard let value = values[index], !type(of: value).shape.isStatic else { continue }
      throw UnsupportedFeature(
        "\(call.name) on '\(title(index))', whose extents only values show,")
    }
  }

  /// Complex numbers are pairs along an axis more, of which other operators know nothing.
  private func refuseComplexNumbers(_ call: OperatorCall) throws {
    guard !GraphImporter.complexNames.contains(call.name) else { return }
    for index in call.inputs where index >= 0 {
      guard file.tensor(index, in: subgraphIndex).isComplex else { continue }
      throw UnsupportedFeature("\(call.name) on complex numbers ('\(title(index))')")
    }
  }

  private static let leavingShapes: Set<String> = [
    "CAST", "QUANTIZE", "DEQUANTIZE", "ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "RELU", "RELU6",
    "ABS", "NEG", "EXP", "LOG", "SQRT", "GATHER", "GATHER_ND", "EQUAL", "NOT_EQUAL", "LESS",
    "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "LOGICAL_NOT", "SELECT_V2", "IF", "WHILE",
    "READ_VARIABLE", "ASSIGN_VARIABLE",
  ]

  /// What `error` says about `call`; errors from inside of it keep their places.
  func diagnostics(_ error: any Error, _ call: OperatorCall) throws -> [Diagnostic] {
    if let several = error as? Diagnostics { return several.all }
    return [try diagnostic(error, call)]
  }

  func diagnostic(_ error: any Error, _ call: OperatorCall) throws -> Diagnostic {
    switch error {
    case let error as UnsupportedFeature:
      var diagnostic = Diagnostic.unsupported(
        "\(error.what) is not supported", place: call.place,
        help: error.help.map { [$0] } ?? [])
      diagnostic.source = source(of: call)
      return diagnostic
    case let error as OperationError:
      return Diagnostic.error("\(call.name): \(error.message)", place: call.place)
    case var error as Diagnostic:
      if error.place == nil { error.place = call.place }
      if error.source == nil { error.source = source(of: call) }
      return error
    default:
      throw error
    }
  }

  private mutating func setResults(_ outputs: [Int], _ names: [Int: String]) throws {
    var used: Set<String> = []
    var results: [(name: String, value: Value)] = []
    let outputs = outputs + cutOperands.filter { !outputs.contains($0) }
    for (place, index) in outputs.enumerated() {
      guard !file.tensor(index, in: subgraphIndex).isComplex else {
        throw UnsupportedFeature("complex numbers as a result ('\(title(index))')")
      }
      var name = names[index] ?? title(index)
      if name.isEmpty { name = "output_\(place)" }
      while !used.insert(name).inserted { name += "_\(place)" }
      results.append((name, try value(of: index)))
    }
    rewriter.setResults(results)
  }

  /// The name of tensor `index`.
  func title(_ index: Int) -> String { file.tensor(index, in: subgraphIndex).title }

  /// What tensor `index` has become, or the constant that it is.
  mutating func value(of index: Int) throws -> Value {
    if let value = values[index] { return value }
    let tensor = file.tensor(index, in: subgraphIndex)
    if tensor.is_variable { return try state(of: index) }
    guard variables.handles[index] == nil else {
      throw UnsupportedFeature("the handle '\(tensor.title)' as a value")
    }
    guard let constant = try tensor.readConstant(owner: file, subgraphIndex, index) else {
      if let shape = try? tensor.readType(), shape.shape.count == 0 {
        return rewriter.constant(Tensor(shape, storage: Storage(byteCount: 0) { _ in }))
      }
      throw Diagnostic.error("tensor '\(tensor.title)' is read before anything writes it")
    }
    let value = rewriter.constant(constant, name: tensor.title.isEmpty ? nil : tensor.title)
    values[index] = value
    return value
  }
}

// MARK: What importers use

extension GraphImporter {
  func type(of value: Value) -> TensorType { rewriter.graph[value] }

  /// Operand `index`, which must be there.
  mutating func operand(_ index: Int, _ call: OperatorCall) throws -> Value {
    guard let value = try optionalOperand(index, call) else {
      throw Diagnostic.error("\(call.name) lacks operand \(index)")
    }
    return value
  }

  /// Operand `index`; nil where it is left out.
  mutating func optionalOperand(_ index: Int, _ call: OperatorCall) throws -> Value? {
    guard index < call.inputs.count, call.inputs[index] >= 0 else { return nil }
    return try value(of: call.inputs[index])
  }

  /// The value of operand `index`, which must be a constant.
  mutating func constant(_ index: Int, _ call: OperatorCall) throws -> Tensor {
    let value = try operand(index, call)
    guard let tensor = rewriter.graph.constant(value) else {
      throw UnsupportedFeature(
        "\(call.name) whose operand \(index) ('\(title(call.inputs[index]))') is not a constant")
    }
    return tensor
  }

  /// The integers of a constant operand: a shape, axes, paddings.
  mutating func integers(_ index: Int, _ call: OperatorCall) throws -> [Int] {
    let tensor = try constant(index, call)
    guard [.i32, .i64, .i16, .u32].contains(tensor.element) else {
      throw Diagnostic.error("operand \(index) of \(call.name) is \(tensor.type), not integers")
    }
    let values = tensor.integers()
    guard values.allSatisfy({ abs($0.clamped) <= 1 << 40 }) else {
      throw Diagnostic.error("operand \(index) of \(call.name) holds numbers that are too large")
    }
    return values
  }

  /// Axes from a constant operand, none negative; each must exist in `rank` dimensions.
  mutating func axes(_ index: Int, _ call: OperatorCall, rank: Int) throws -> [Int] {
    try integers(index, call).map { try axis($0, rank: rank, call) }
  }

  func axis(_ axis: Int, rank: Int, _ call: OperatorCall) throws -> Int {
    let result = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(result) else {
      throw Diagnostic.error("\(call.name) has no axis \(axis) in \(rank) dimensions")
    }
    return result
  }

  /// The declared type of output `index`.
  func outputType(_ index: Int, _ call: OperatorCall) throws -> TensorType {
    guard index < call.outputs.count else {
      throw Diagnostic.error("\(call.name) lacks output \(index)")
    }
    return try file.tensor(call.outputs[index], in: subgraphIndex).readType()
  }

  /// Adds `operation`, whose result gets the quantisation of the call's output `output`.
  mutating func add(
    _ operation: any Operation, _ operands: [Value], _ call: OperatorCall, output: Int = 0
  ) throws -> Value {
    let quantization = try outputType(output, call).quantization
    return try add(operation, operands, quantization: quantization, call)
  }

  /// Adds `operation` under `quantization`, for steps whose result is no tensor of the file.
  mutating func add(
    _ operation: any Operation, _ operands: [Value], quantization: Quantization?,
    _ call: OperatorCall
  ) throws -> Value {
    try insert(operation, operands, quantization: [quantization], call)[0]
  }

  /// The same for an operation with any number of results.
  mutating func insert(
    _ operation: any Operation, _ operands: [Value], quantization: [Quantization?],
    _ call: OperatorCall
  ) throws -> [Value] {
    let results = try rewriter.insert(
      operation, operands, quantization: quantization, in: block, at: call.location)
    let types = results.map { type(of: $0) }
    for type in types where type.shape.isStatic {
      guard type.shape.checkedCount.map({ $0 <= elementLimit }) == true else {
        throw Diagnostic.error("\(call.name) gives too many elements: [\(type.shape)]")
      }
    }
    guard let known = try folded(operation, operands, types) else { return results }
    if let id = results.first.flatMap({ rewriter.graph.producer(of: $0) }) { rewriter.erase(id) }
    return known.map { rewriter.constant($0) }
  }

  /// The results of a computation on constants: of a small one on integers, as converters leave the
  /// arithmetic on shapes in the file (SHAPE, STRIDED_SLICE, PACK) and RESHAPE needs its outcome;
  /// of any where `foldsAll`.
  private func folded(
    _ operation: any Operation, _ operands: [Value], _ results: [TensorType]
  ) throws -> [Tensor]? {
    let isSmall = results.allSatisfy { result in
      !result.isQuantized && [.i32, .i64, .bool].contains(result.element)
        && result.shape.checkedCount.map { $0 <= 64 } == true
    }
    guard operation.isPure, foldsAll || isSmall else { return nil }
    let constants = operands.compactMap { rewriter.graph.constant($0) }
    guard constants.count == operands.count else { return nil }
    return try operation.evaluate(constants, EvaluationContext(resultTypes: results))
  }

  /// `x` under another shape; itself where it has that shape already.
  mutating func reshape(_ x: Value, to shape: [Int], _ call: OperatorCall) throws -> Value {
    if type(of: x).shape.dimensions == shape { return x }
    guard Shape(shape.filter { $0 >= 0 }).checkedCount != nil else {
      throw Diagnostic.error("\(call.name) asks for the impossible shape \(shape)")
    }
    let quantization = type(of: x).quantization
    return try add(Reshape(to: shape), [x], quantization: quantization, call)
  }

  /// `value` with the quantisation that output tensor `output` declares. TFLite's operators that
  /// only move elements copy the stored integers whatever the tensors' parameters are.
  fileprivate mutating func conform(
    _ value: Value, to output: Int, _ call: OperatorCall
  ) throws -> Value {
    if file.tensor(output, in: subgraphIndex).isComplex { return value }
    let declared = try file.tensor(output, in: subgraphIndex).readType()
    let actual = type(of: value)
    guard actual.element == declared.element else {
      throw Diagnostic.error(
        "\(call.name) gives \(actual), but '\(title(output))' is declared as \(declared)")
    }
    guard actual.quantization != declared.quantization else { return value }
    return try add(StorageCast(), [value], quantization: declared.quantization, call)
  }
}

extension Int {
  /// The nearest number whose magnitude exists: `abs(Int.min)` would trap.
  fileprivate var clamped: Int { Swift.max(self, -Int.max) }
}
