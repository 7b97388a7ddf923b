import CProto
import IR

// Loops that are unrolled: a body for each turn.

/// Turns that a scan may be unrolled to; for a loop, turns times the nodes of its body.
private let turnLimit: Int = 1 << 14

extension ONNXGraphImporter {
  /// Turn by turn where the turns are few and known, else as an operation.
  func importLoop(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue] {
    let graph = try body(node, "body")
    let known = node.inputs.prefix(2).allSatisfy { input in
      input?.tensor.map { builder.constant($0) != nil } ?? true
    }
    if known, let results = try unrolledLoop(node, graph, place) { return results }
    return try importRunTimeLoop(node, graph, place)
  }

  /// The loop's body for every turn; nil where only a run shows whether there is another one, or
  /// where there would be too many nodes.
  private func unrolledLoop(
    _ node: SourceNodeReader, _ graph: Onnx__GraphProto, _ place: String
  ) throws -> [ONNXValue]? {
    let trips = try builder.optionalIntegers(node.optional(0), "the number of turns")?.first
    var condition = try builder.optionalIntegers(node.optional(1), "the condition")?.first ?? 1
    var carried = try node.inputs.indices.dropFirst(2).map { try node.anyInput($0) }
    let carriedCount = carried.count
    var scanned = [[Value]](repeating: [], count: max(graph.n_output - 1 - carriedCount, 0))
    let limit = turnLimit / max(graph.n_node, 1)
    if let trips, trips > limit { return nil }
    var turn = 0
    while condition != 0, turn < trips ?? Int.max {
      guard turn < limit else { return nil }
      let number = builder.constant(Tensor(scalar: Int64(turn)))
      let flag = builder.constant(Tensor.from(integers: [1], .bool, .scalar))
      let results = try importBody(
        graph, [.tensor(number), .tensor(flag)] + carried, "\(place)[\(turn)]")
      guard results.count == 1 + carriedCount + scanned.count else {
        throw node.invalid("its body gives \(results.count) values")
      }
      guard let again = builder.constant(try tensor(results[0], node)) else { return nil }
      condition = again.integers().first ?? 0
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

  func importScan(_ node: SourceNodeReader, _ place: String) throws -> [ONNXValue] {
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

  /// The body for every element of the first sequence.
  func importSequenceMap(
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
}
