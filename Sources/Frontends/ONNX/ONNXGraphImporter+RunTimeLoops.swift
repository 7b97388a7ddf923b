import CProto
import IR

// Loops whose number of turns only a run shows: a `while` with the body as its region.

extension ONNXGraphImporter {
  /// A Loop as a `while` that carries the turn, the condition, the loop's own values, and for every
  /// scan output the rows so far.
  func importRunTimeLoop(
    _ node: SourceNodeReader, _ graph: Onnx__GraphProto, _ place: String
  ) throws -> [ONNXValue] {
    var loop = RunTimeLoop(
      limit: try node.optional(0).map { try builder.reshape(try builder.plain($0), []) },
      operands: try loopOperands(node), carried: node.inputs.count - 2)
    let saved = builder.rewriter.graph
    // Types that a turn changes, and the rows' types, are known after a first try.
    for _ in 0..<3 {
      let attempt = try regions(loop, graph, place)
      guard let better = try improved(loop, attempt, node) else {
        let results = try builder.rewriter.insert(
          While(), loop.operands, regions: attempt.regions, in: builder.block,
          at: builder.location)
        return results.dropFirst(2).map { .tensor($0) }
      }
      builder.rewriter = Rewriter(saved)
      loop = better
      loop.operands += loop.takeNewRows().map { builder.constant($0) }
    }
    throw node.unsupported("the shapes of its values change from turn to turn")
  }

  private func loopOperands(_ node: SourceNodeReader) throws -> [Value] {
    let turn = builder.constant(Tensor(scalar: Int64(0)))
    let always = builder.constant(Tensor.from(integers: [1], .bool, .scalar))
    let condition = try node.optional(1).map { try builder.reshape($0, []) } ?? always
    return try [turn, condition]
      + node.inputs.indices.dropFirst(2).map { index in
        guard let value = try node.anyInput(index).tensor else {
          throw node.unsupported("it carries a sequence, and only a run shows its turns")
        }
        return try builder.plain(value)
      }
  }

  private func regions(
    _ loop: RunTimeLoop, _ graph: Onnx__GraphProto, _ place: String
  ) throws -> LoopAttempt {
    let types = loop.operands.map { builder.type($0) }.enumerated().map { index, type in
      loop.shapes[index].map { type.with(shape: $0) } ?? type
    }
    let condition = try region(types) { arguments in
      guard let limit = loop.limit else { return [arguments[1]] }
      let isBelow = try builder.emit(Less(), [arguments[0], limit])
      return [try builder.emit(BitwiseAnd(), [isBelow, arguments[1]])]
    }
    var rows: [TensorType] = []
    let body = try region(types) { arguments in
      let inputs = arguments.prefix(2 + loop.carried).map { ONNXValue.tensor($0) }
      let results = try importBody(graph, inputs, place).map { value -> Value in
        guard let tensor = value.tensor else {
          throw Diagnostic.unsupported("the body of a loop gives \(value.noun)")
        }
        return try builder.plain(tensor)
      }
      let one = builder.constant(Tensor(scalar: Int64(1)))
      let turn = try builder.emit(Add(), [arguments[0], one])
      let again = try builder.reshape(results[0], [])
      let made = results.dropFirst(1 + loop.carried)
      rows = made.map { builder.type($0) }
      let grown = try zip(arguments.dropFirst(2 + loop.carried), made).map { held, row in
        let apart = try builder.reshape(row, [1] + builder.shape(row).dimensions)
        return try builder.emit(Concat(axis: 0), [held, apart])
      }
      return [turn, again] + results[1..<(1 + loop.carried)] + grown
    }
    return LoopAttempt(
      regions: [condition, body], rows: rows,
      results: builder.rewriter.graph.results(of: body).map { builder.type($0) }, types: types)
  }

  /// A block with arguments of `types` that yields what `fill` gives.
  private func region(_ types: [TensorType], _ fill: ([Value]) throws -> [Value]) throws -> Block {
    let made = builder.rewriter.makeRegion()
    let outer = builder.block
    builder.block = made
    defer { builder.block = outer }
    let arguments = types.map { builder.rewriter.addArgument($0, to: made) }
    builder.rewriter.setResults(try fill(arguments), of: made)
    return made
  }

  /// The loop with what `attempt` has shown; nil where the attempt is right.
  private func improved(
    _ loop: RunTimeLoop, _ attempt: LoopAttempt, _ node: SourceNodeReader
  ) throws -> RunTimeLoop? {
    var better = loop
    if loop.operands.count == 2 + loop.carried, !attempt.rows.isEmpty {
      for row in attempt.rows {
        guard row.shape.isStatic else {
          throw node.unsupported("a scan output has the shape \(row.shape), which only a run shows")
        }
        better.addRows(of: row)
      }
      return better
    }
    for (index, (type, result)) in zip(attempt.types, attempt.results).enumerated() {
      guard type.element == result.element, type.rank == result.rank else {
        throw node.unsupported("it carries \(type), and its body gives \(result)")
      }
      let pairs = zip(type.shape.dimensions, result.shape.dimensions)
      let joined = Shape(pairs.map { $0 == $1 ? $0 : Shape.unknown })
      if joined != type.shape { better.shapes[index] = joined }
    }
    return better.shapes == loop.shapes ? nil : better
  }
}

/// What is known of a loop before its regions are made.
private struct RunTimeLoop {
  /// Turns at most; nil for no limit.
  let limit: Value?
  /// Turn, condition, carried values, and rows so far.
  var operands: [Value]
  let carried: Int
  /// Shapes of carried values that differ from their operand's, by place.
  var shapes: [Int: Shape] = [:]
  /// Operands that are still to be made.
  private var newRows: [Tensor] = []

  init(limit: Value?, operands: [Value], carried: Int) {
    self.limit = limit
    self.operands = operands
    self.carried = carried
  }

  /// Carries one more value: rows of type `row`, of which there are none at first.
  mutating func addRows(of row: TensorType) {
    let empty = TensorType(row.element, Shape([0] + row.shape.dimensions))
    shapes[operands.count + newRows.count] = Shape([Shape.unknown] + row.shape.dimensions)
    newRows.append(Tensor(empty, storage: Storage(byteCount: 0) { _ in }))
  }

  mutating func takeNewRows() -> [Tensor] {
    defer { newRows = [] }
    return newRows
  }
}

/// The regions of a loop under certain types.
private struct LoopAttempt {
  let regions: [Block]
  /// What each scan output adds in a turn.
  let rows: [TensorType]
  /// What the body yields, and what it takes.
  let results: [TensorType]
  let types: [TensorType]
}
