import IR

let controlOperators: [OperatorEntry] = [
  OperatorEntry("IF", version: 1, 1...1_000_000) { call, graph in try graph.importIf(call) },
  OperatorEntry("WHILE", version: 1, 1...1_000_000) { call, graph in
    if let results = try graph.unrolledWhile(call) { return results }
    return try graph.importWhile(call)
  },
]

extension GraphImporter {
  /// The chosen branch in place where the condition is known, else an `if` whose regions use the
  /// operands where they stand.
  fileprivate mutating func importIf(_ call: OperatorCall) throws -> [Value] {
    let condition = try operand(0, call)
    let operands = try subgraphOperands(call, from: 1)
    let branches = ["then_subgraph_index", "else_subgraph_index"].map { call.options.int($0) }
    if let known = rewriter.graph.constant(condition)?.integers().first {
      let results = try importSubgraph(branches[known != 0 ? 0 : 1], operands, call)
      return try plainValues(results, call)
    }
    // Variables that a branch assigns to leave it as results.
    let names = branches.contains { assignsVariables($0) } ? try readAllVariables() : []
    let before = variables.current
    var regions: [Block] = []
    for branch in branches {
      variables.current = before
      let made = rewriter.makeRegion()
      try region(made) { graph in
        let results = try graph.importSubgraph(branch, operands, call)
        return try graph.plainValues(results, call) + names.map { try graph.read($0) }
      }
      regions.append(made)
    }
    variables.current = before
    let results = try rewriter.insert(
      If(), [condition], regions: regions, in: block, at: call.location)
    for (name, value) in zip(names, results.suffix(names.count)) { variables.current[name] = value }
    return results.dropLast(names.count)
  }

  /// Variables that are carried through control flow, all with a state.
  private mutating func readAllVariables() throws -> [String] {
    let names = Set(variables.initial.keys).union(
      variables.current.keys.filter { !$0.hasPrefix("tensor ") })
    let sorted = names.sorted()
    for name in sorted { _ = try read(name) }
    return sorted
  }

  /// A `while` whose regions take the operands and the variables that the body assigns to.
  fileprivate mutating func importWhile(_ call: OperatorCall) throws -> [Value] {
    let operands = try subgraphOperands(call, from: 0)
    let body = call.options.int("body_subgraph_index")
    let names = assignsVariables(body) ? try readAllVariables() : []
    let saved = (graph: rewriter.graph, variables: variables)
    var shapes: [Shape] = []
    // Extents that the body changes are unknown in the second try.
    for _ in 0..<2 {
      let loop = try whileRegions(call, operands, names, shapes)
      if loop.changed == nil { return try insertWhile(call, loop) }
      shapes = loop.changed ?? []
      rewriter = Rewriter(saved.graph)
      variables = saved.variables
    }
    throw UnsupportedFeature("WHILE whose values change their extents from turn to turn")
  }

  private struct LoopRegions {
    var operands: [Value] = []
    var regions: [Block] = []
    var names: [String] = []
    /// Shapes that fit what comes in and what the body gives; nil where those are the same.
    var changed: [Shape]?
  }

  private mutating func whileRegions(
    _ call: OperatorCall, _ operands: [SubgraphOperand], _ names: [String], _ shapes: [Shape]
  ) throws -> LoopRegions {
    var loop = LoopRegions()
    loop.names = names
    for operand in operands {
      if case .value(let value) = operand { loop.operands.append(value) }
    }
    for name in names { loop.operands.append(try read(name)) }
    var types = loop.operands.map { type(of: $0) }
    for (index, shape) in shapes.enumerated() { types[index].shape = shape }
    let before = variables.current
    for field in ["cond_subgraph_index", "body_subgraph_index"] {
      let made = rewriter.makeRegion()
      let arguments = types.map { rewriter.addArgument($0, to: made) }
      try region(made) { graph in
        try graph.importTurn(call, field, operands, names, arguments)
      }
      variables.current = before
      loop.regions.append(made)
    }
    let results = rewriter.graph.results(of: loop.regions[1]).map { type(of: $0).shape }
    guard results.count == types.count else { return loop }
    let joined = zip(types, results).map { type, result -> Shape in
      guard type.shape.rank == result.rank else { return type.shape }
      let pairs = zip(type.shape.dimensions, result.dimensions)
      return Shape(pairs.map { $0 == $1 ? $0 : Shape.unknown })
    }
    if joined != types.map(\.shape) { loop.changed = joined }
    return loop
  }

  /// One turn of the condition or of the body; handles are the same in every turn.
  private mutating func importTurn(
    _ call: OperatorCall, _ field: String, _ operands: [SubgraphOperand], _ names: [String],
    _ arguments: [Value]
  ) throws -> [Value] {
    var upcoming = arguments[...]
    let given = operands.map { operand -> SubgraphOperand in
      guard case .value = operand, let next = upcoming.popFirst() else { return operand }
      return .value(next)
    }
    for (name, value) in zip(names, upcoming) { variables.current[name] = value }
    let results = try importSubgraph(call.options.int(field), given, call)
    var yielded: [Value] = []
    for case .value(let value) in results { yielded.append(value) }
    guard field == "body_subgraph_index" else { return yielded }
    return try yielded + names.map { try read($0) }
  }

  private mutating func insertWhile(_ call: OperatorCall, _ loop: LoopRegions) throws -> [Value] {
    let results = try rewriter.insert(
      While(), loop.operands, regions: loop.regions, in: block, at: call.location)
    for (name, value) in zip(loop.names, results.suffix(loop.names.count)) {
      variables.current[name] = value
    }
    passHandles(call)
    return results.dropLast(loop.names.count)
  }

  /// Handles among the outputs stand for the same variables as before the loop.
  private mutating func passHandles(_ call: OperatorCall) {
    for (input, output) in zip(call.inputs, call.outputs) {
      if let name = variables.handles[input] { variables.handles[output] = name }
    }
  }
}

// MARK: Loops whose turns are known

extension GraphImporter {
  /// Turns and operations that are written out one after another, where the model is imported for
  /// unknown inputs; where they are known, nothing of them stays.
  private static let turnLimit = 64
  private static let knownTurnLimit = 20_000

  /// The loop turn by turn, where its condition follows from constants; nil where it does not.
  fileprivate mutating func unrolledWhile(_ call: OperatorCall) throws -> [Value]? {
    // Constants among the operands are made first: they outlive an attempt that is taken back.
    var carried = try subgraphOperands(call, from: 0)
    let saved = (graph: rewriter.graph, variables: variables)
    let limit = foldsAll ? Self.knownTurnLimit : Self.turnLimit
    for _ in 0..<limit {
      guard let holds = knownCondition(call, carried) else { break }
      guard holds else {
        passHandles(call)
        return carried.compactMap { operand in
          if case .value(let value) = operand { return value }
          return nil
        }
      }
      let body = call.options.int("body_subgraph_index")
      guard let next = try? importSubgraph(body, carried, call) else { break }
      carried = next
    }
    rewriter = Rewriter(saved.graph)
    variables = saved.variables
    return nil
  }

  /// Whether the loop goes on; nil where only a run can tell.
  private mutating func knownCondition(
    _ call: OperatorCall, _ carried: [SubgraphOperand]
  ) -> Bool? {
    let index = call.options.int("cond_subgraph_index")
    guard let results = try? importSubgraph(index, carried, call),
      case .value(let flag)? = results.first
    else { return nil }
    return rewriter.graph.constant(flag)?.integers().first.map { $0 != 0 }
  }
}
