import IR

// Branches and loops. Each region is a subgraph of its own, which takes what it uses of the values
// around it as further inputs.

extension SubgraphWriter {
  /// Writes a branch or a loop; false where `node` is none.
  mutating func emitControl(_ node: Node) throws -> Bool {
    switch node.operation {
    case is If: try emitBranch(node)
    case is While: try emitLoop(node)
    default: return false
    }
    return true
  }

  private mutating func emitBranch(_ node: Node) throws {
    let outer = captured(by: node.regions)
    var options = FlatTable("IfOptions")
    for (field, region) in zip(["then_subgraph_index", "else_subgraph_index"], node.regions) {
      options.set(field, subgraph(region, outer, passesOn: false))
    }
    let operands = [tensor(node.operands[0])] + outer.map { tensor($0) }
    let made = add("IF", operands, results: node.results.map { graph[$0] }, options: options)
    for (value, made) in zip(node.results, made) { define(value, made) }
  }

  /// The loop carries what its regions use of the values around them, unchanged.
  private mutating func emitLoop(_ node: Node) throws {
    if let empty = node.operands.first(where: { graph[$0].shape.checkedCount == 0 }) {
      throw OperationError(
        "the runtime's WHILE does not start from a tensor without elements: \(graph[empty])")
    }
    let outer = captured(by: node.regions)
    var options = FlatTable("WhileOptions")
    options.set("cond_subgraph_index", subgraph(node.regions[0], outer, passesOn: false))
    options.set("body_subgraph_index", subgraph(node.regions[1], outer, passesOn: true))
    let operands = (node.operands + outer).map { tensor($0) }
    let types = (node.results + outer).map { graph[$0] }
    let made = add("WHILE", operands, results: types, options: options)
    for (value, made) in zip(node.results, made) { define(value, made) }
  }

  /// Writes `region` as a subgraph with its arguments and `outer` for inputs.
  ///
  /// - Parameter passesOn: whether it also gives `outer`.
  /// - Returns: the subgraph's index.
  private mutating func subgraph(_ region: Block, _ outer: [Value], passesOn: Bool) -> Int {
    let place = model.reserveSubgraph()
    var inner = SubgraphWriter(graph, model)
    let name = current
    for (index, value) in (graph.arguments(of: region) + outer).enumerated() {
      inner.values[value] = inner.input(graph[value], named: "\(name)_input_\(index)")
    }
    inner.write(region)
    for (index, value) in (graph.results(of: region) + (passesOn ? outer : [])).enumerated() {
      inner.yield(value, as: "\(name)_output_\(index)")
    }
    for diagnostic in inner.log.diagnostics { log.append(diagnostic) }
    model.fill(place, with: inner.table(named: "\(name)_\(place)"))
    return place
  }

  /// The values that `regions` use and that stand around them, in the order of their first use.
  /// Constants are none of them: each subgraph has its own.
  private func captured(by regions: [Block]) -> [Value] {
    var own: Set<Value> = []
    var seen: Set<Value> = []
    var result: [Value] = []
    func use(_ value: Value) {
      guard !own.contains(value), graph.constant(value) == nil, seen.insert(value).inserted
      else { return }
      result.append(value)
    }
    func visit(_ block: Block) {
      own.formUnion(graph.arguments(of: block))
      for id in graph.operations(in: block) {
        graph[id].operands.forEach(use)
        graph[id].regions.forEach(visit)
        own.formUnion(graph[id].results)
      }
      graph.results(of: block).forEach(use)
    }
    regions.forEach(visit)
    return result
  }
}
