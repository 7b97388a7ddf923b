import CProto
import IR

// Bodies inside a graph: the model's own functions, branches, and loops, which are unrolled.

/// Bodies within bodies that are followed.
private let depthLimit: Int = 64
/// Turns that a loop may be unrolled to.
private let turnLimit: Int = 1 << 14

/// Imported by the graph importer itself, since their bodies see its names.
let onnxControlOperators: [ONNXOperator] = ["If", "Loop", "Scan", "SequenceMap"].map { name in
  ONNXOperator(
    name, inputs: 0...Int.max,
    structured: { node, _ in throw node.unsupported("is not supported here") })
}

extension ONNXGraphImporter {
  /// Runs `body` in a scope made from `scope`; nil where a node in it failed, which has then been
  /// reported.
  private func nested(
    _ inner: ONNXScope, _ place: String, _ body: () throws -> [String]
  ) throws -> [ONNXValue]? {
    guard inner.depth <= depthLimit else {
      throw Diagnostic.unsupported("functions or subgraphs nest deeper than \(depthLimit)")
    }
    let outer = scope
    let location = builder.location
    scope = inner
    defer {
      scope = outer
      builder.location = location
    }
    let outputs = try body()
    if outputs.contains(where: scope.failed.contains) { return nil }
    return try outputs.map { name in
      guard let value = scope.values[name] else {
        throw Diagnostic.error("'\(name)' is not made by any node of the body")
      }
      return value
    }
  }

  // MARK: Functions

  /// The results of a call of one of the model's own functions, its body put in place.
  func importFunction(
    _ function: Onnx__FunctionProto, _ node: Onnx__NodeProto, _ arguments: [String],
    _ place: String
  ) throws -> [ONNXValue] {
    var opsets: [String: Int] = [:]
    for entry in messages(function.opset_import, function.n_opset_import).map(\.pointee) {
      opsets[canonicalDomain(text(entry.domain))] = Int(entry.version)
    }
    var inner = ONNXScope(opsets: opsets.isEmpty ? scope.opsets : opsets)
    inner.path = place
    inner.depth = scope.depth + 1
    inner.attributes = try attributes(of: function, node)
    let parameters = strings(function.input, function.n_input)
    guard arguments.count <= parameters.count else {
      throw Diagnostic.error(
        "'\(text(function.name))' takes \(parameters.count) inputs, not \(arguments.count)")
    }
    for (parameter, argument) in zip(parameters, arguments) where !argument.isEmpty {
      inner.values[parameter] = scope.values[argument]
    }
    let results = try nested(inner, place) {
      importNodes(messages(function.node, function.n_node).map(\.pointee))
      return strings(function.output, function.n_output)
    }
    return try results ?? reported()
  }

  /// The values that a call gives to the function's attributes, defaults filled in.
  private func attributes(
    of function: Onnx__FunctionProto, _ node: Onnx__NodeProto
  ) throws -> [String: Onnx__AttributeProto] {
    var values: [String: Onnx__AttributeProto] = [:]
    for attribute in messages(function.attribute_proto, function.n_attribute_proto).map(\.pointee) {
      values[text(attribute.name)] = attribute
    }
    for attribute in messages(node.attribute, node.n_attribute).map(\.pointee) {
      let name = text(attribute.name)
      if let value = try AttributeReader.resolved(attribute, scope.attributes) { values[name] = value }
    }
    return values
  }

  /// What went wrong inside has been reported at its own node.
  private func reported() throws -> [ONNXValue] { throw Diagnostics([]) }

  // MARK: Control flow

  /// The results of a node with subgraphs; nil for every other node.
  func controlFlow(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue]? {
    switch node.operation {
    case "If": return try importIf(node, place)
    case "Loop": return try importLoop(node, place)
    case "Scan": return try importScan(node, place)
    case "SequenceMap": return try importSequenceMap(node, place)
    case "FlexAttention": return [.tensor(try importFlexAttention(node, place))]
    default: return nil
    }
  }

  private func body(_ node: SourceNodeReader, _ name: String) throws -> Onnx__GraphProto {
    guard let graph = try node.attributes.graph(name) else { throw node.invalid("needs '\(name)'") }
    return graph.pointee
  }

  /// A subgraph put in place, with `arguments` for its inputs.
  func importBody(
    _ graph: Onnx__GraphProto, _ arguments: [ONNXValue], _ place: String
  ) throws -> [ONNXValue] {
    var inner = scope
    inner.path = place
    inner.depth = scope.depth + 1
    inner.shadows = Set(scope.values.keys)
    let inputs = messages(graph.input, graph.n_input).map { text($0.pointee.name) }
    guard inputs.count == arguments.count else {
      throw Diagnostic.error("the body takes \(inputs.count) inputs, not \(arguments.count)")
    }
    for (name, value) in zip(inputs, arguments) {
      inner.values[name] = value
      inner.shadows.remove(name)
    }
    let results = try nested(inner, place) {
      readInitializers(graph)
      importNodes(messages(graph.node, graph.n_node).map(\.pointee))
      return messages(graph.output, graph.n_output).map { text($0.pointee.name) }
    }
    return try results ?? reported()
  }

  private func importIf(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue] {
    let condition = try node.input(0)
    let (yes, no) = (try body(node, "then_branch"), try body(node, "else_branch"))
    if let known = builder.constant(condition)?.integers().first {
      return try importBody(known != 0 ? yes : no, [], place)
    }
    let location = builder.location
    var regions: [Block] = []
    let outer = builder.block
    defer { builder.block = outer }
    for branch in [yes, no] {
      let region = builder.rewriter.makeRegion()
      builder.block = region
      let results = try importBody(branch, [], place).map { value -> Value in
        guard let tensor = value.tensor else {
          throw node.unsupported("the branch that gives \(value.noun) is chosen in the run")
        }
        return try builder.plain(tensor)
      }
      builder.rewriter.setResults(results, of: region)
      regions.append(region)
    }
    return try builder.rewriter
      .insert(If(), [condition], regions: regions, in: outer, at: location)
      .map { .tensor($0) }
  }

  /// A loop whose number of turns does not depend on the model's inputs, turn by turn.
  private func importLoop(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue] {
    let graph = try body(node, "body")
    let trips = try builder.optionalIntegers(node.optional(0), "the number of turns")?.first
    var condition = try builder.optionalIntegers(node.optional(1), "the condition")?.first ?? 1
    var carried = try node.inputs.indices.dropFirst(2).map { try node.anyInput($0) }
    let carriedCount = carried.count
    var scanned = [[Value]](repeating: [], count: max(graph.n_output - 1 - carriedCount, 0))
    var turn = 0
    while condition != 0, turn < trips ?? Int.max {
      guard turn < turnLimit else {
        throw node.unsupported("more than \(turnLimit) turns are not unrolled")
      }
      let number = builder.constant(Tensor(scalar: Int64(turn)))
      let flag = builder.constant(Tensor.from(integers: [1], .bool, .scalar))
      let results = try importBody(
        graph, [.tensor(number), .tensor(flag)] + carried, "\(place)[\(turn)]")
      guard results.count == 1 + carriedCount + scanned.count else {
        throw node.invalid("its body gives \(results.count) values")
      }
      condition = try builder.integers(try tensor(results[0], node), "the condition").first ?? 0
      carried = Array(results[1..<(1 + carriedCount)])
      for index in scanned.indices {
        scanned[index].append(try tensor(results[1 + carriedCount + index], node))
      }
      turn += 1
    }
    let outputs = messages(graph.output, graph.n_output).dropFirst(1 + carriedCount)
    return try carried
      + zip(scanned, outputs).map { values, info in
        .tensor(
          try values.isEmpty ? nothing(info.pointee, node) : stacked(node, values, axis: 0))
      }
  }

  private func tensor(_ value: ONNXValue, _ node: SourceNodeReader) throws -> Value {
    guard let tensor = value.tensor else {
      throw node.invalid("its body gives \(value.noun) where a tensor belongs")
    }
    return tensor
  }

  /// What a loop without turns stacks: no rows of what its body declares.
  private func nothing(_ info: Onnx__ValueInfoProto, _ node: SourceNodeReader) throws -> Value {
    guard case .tensor(let type?) = try types.kind(of: info), type.shape.isStatic else {
      throw node.unsupported("it makes no turn, and its body does not say what it would give")
    }
    let empty = TensorType(type.element, Shape([0] + type.shape.dimensions))
    return builder.constant(Tensor(empty, storage: Storage(byteCount: 0) { _ in }))
  }

  /// The body for every element of the first sequence.
  private func importSequenceMap(
    _ node: SourceNodeReader, _ place: String
  ) throws -> [ONNXValue] {
    let graph = try body(node, "body")
    let count = try node.sequence(0).count
    var results = [[ONNXValue]](repeating: [], count: graph.n_output)
    for turn in 0..<count {
      let arguments = try node.inputs.indices.map { index -> ONNXValue in
        let input = try node.anyInput(index)
        guard case .sequence(let elements) = input else { return input }
        guard elements.count == count else { throw node.invalid("its sequences differ in length") }
        return elements[turn]
      }
      let made = try importBody(graph, arguments, "\(place)[\(turn)]")
      for (index, value) in made.enumerated() { results[index].append(value) }
    }
    return results.map { .sequence($0) }
  }

  /// Values side by side along a new axis.
  private func stacked(_ node: SourceNodeReader, _ values: [Value], axis: Int) throws -> Value {
    let rank = builder.shape(values[0]).rank + 1
    let place = try normalized([axis], rank: rank, node)[0]
    let apart = try values.map { value -> Value in
      var extents = builder.shape(value).dimensions
      extents.insert(1, at: place)
      return try builder.reshape(try builder.plain(value), extents)
    }
    return try builder.emit(Concat(axis: place), apart)
  }

  private func importScan(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue] {
    let scan = try ScanShape(node, try body(node, "body"))
    let operands = try node.inputs.indices.dropFirst(node.opset < 9 ? 1 : 0).map {
      try node.input($0)
    }
    guard node.opset < 9 else { return try scanned(scan, operands, node, place).map { .tensor($0) } }
    return try importBatchedScan(scan, operands, node, place)
  }

  /// Opset 8: every operand has a batch in front, and each of its entries is a scan of its own.
  private func importBatchedScan(
    _ scan: ScanShape, _ operands: [Value], _ node: SourceNodeReader, _ place: String
  ) throws -> [ONNXValue] {
    if node.optional(0) != nil { throw node.unsupported("sequence_lens of opset 8") }
    let batch = try builder.staticShape(operands[0], "an operand").dimensions.first ?? 0
    guard batch > 0, batch <= turnLimit else { throw node.invalid("its batch is \(batch)") }
    var columns = [[Value]](repeating: [], count: scan.resultCount)
    for entry in 0..<batch {
      let items = try operands.map { try item(node, $0, 0, entry) }
      let results = try scanned(scan, items, node, "\(place)[\(entry)]")
      for (index, value) in results.enumerated() { columns[index].append(value) }
    }
    return try columns.map { .tensor(try stacked(node, $0, axis: 0)) }
  }

  private func scanned(
    _ scan: ScanShape, _ operands: [Value], _ node: SourceNodeReader, _ place: String
  ) throws -> [Value] {
    var carried = Array(operands.dropLast(scan.sequences))
    let sequences = Array(operands.suffix(scan.sequences))
    let axes = try sequences.indices.map { index in
      try normalized([scan.inputAxes[index]], rank: builder.shape(sequences[index]).rank, node)[0]
    }
    let turns = try builder.staticShape(sequences[0], "the sequence")[axes[0]]
    guard turns <= turnLimit else {
      throw node.unsupported("more than \(turnLimit) turns are not unrolled")
    }
    var rows = [[Value]](repeating: [], count: scan.outputs)
    for turn in 0..<turns {
      let items = try sequences.indices.map { index in
        let place = scan.inputsReversed[index] ? turns - 1 - turn : turn
        return try item(node, sequences[index], axes[index], place)
      }
      let results = try importBody(
        scan.graph, (carried + items).map { .tensor($0) }, "\(place)[\(turn)]"
      ).map { try tensor($0, node) }
      guard results.count == scan.resultCount else {
        throw node.invalid("its body gives \(results.count) values")
      }
      carried = Array(results[..<scan.carried])
      for index in rows.indices { rows[index].append(results[scan.carried + index]) }
    }
    return try carried
      + rows.indices.map { index in
        let values = scan.outputsReversed[index] ? rows[index].reversed() : rows[index]
        if values.isEmpty {
          let outputs = messages(scan.graph.output, scan.graph.n_output)
          return try nothing(outputs[scan.carried + index].pointee, node)
        }
        return try stacked(node, values, axis: scan.outputAxes[index])
      }
  }

  /// Slice `index` along `axis`, without the axis.
  private func item(
    _ node: SourceNodeReader, _ sequence: Value, _ axis: Int, _ index: Int
  ) throws -> Value {
    let shape = try builder.staticShape(sequence, "the sequence")
    guard index < shape[axis] else { throw node.invalid("its sequences differ in length") }
    var slice = Slice(start: [Int](repeating: 0, count: shape.rank), size: shape.dimensions)
    slice.start[axis] = index
    slice.size[axis] = 1
    var extents = shape.dimensions
    extents.remove(at: axis)
    return try builder.reshape(try builder.slice(sequence, slice, node), extents)
  }
}

/// How a Scan cuts its operands and joins its results.
private struct ScanShape {
  let graph: Onnx__GraphProto
  let carried: Int
  let sequences: Int
  let outputs: Int
  let inputAxes: [Int]
  let inputsReversed: [Bool]
  let outputAxes: [Int]
  let outputsReversed: [Bool]

  var resultCount: Int { carried + outputs }

  init(_ node: SourceNodeReader, _ graph: Onnx__GraphProto) throws {
    self.graph = graph
    let isOld = node.opset < 9
    let operands = node.inputs.count - (isOld ? 1 : 0)
    guard let count = try node.attributes.int("num_scan_inputs"), count >= 1, count <= operands
    else { throw node.invalid("needs num_scan_inputs") }
    sequences = count
    carried = operands - count
    outputs = max(graph.n_output - carried, 0)
    func list(_ name: String, _ length: Int) throws -> [Int] {
      let given = try node.attributes.ints(name) ?? [Int](repeating: 0, count: length)
      guard given.count == length else { throw node.invalid("\(name) needs \(length) entries") }
      return given
    }
    inputAxes = try list("scan_input_axes", count)
    inputsReversed = try list(isOld ? "directions" : "scan_input_directions", count).map { $0 != 0 }
    outputAxes = try list("scan_output_axes", outputs)
    outputsReversed = try list("scan_output_directions", outputs).map { $0 != 0 }
  }
}
