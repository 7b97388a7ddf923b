import IR

/// What becomes of a graph's layers while samples are walked through it.
protocol LayerChange {
  /// Whether nothing changes, so that one walk tells all.
  static var isPassive: Bool { get }
  /// The layer at `id` is met: its results as it is, and as it is to be. nil where it is no layer to
  /// change, so that it is evaluated like any operation.
  mutating func change(
    _ id: OperationID, _ node: Node, _ walk: PairedWalk
  ) throws -> (exact: [Tensor], changed: [Tensor])?
  /// What the changed model keeps of a value, where that is less than all.
  func stored(_ value: Value, _ tensors: [Tensor]) -> [Tensor]
}

extension LayerChange {
  static var isPassive: Bool { false }
}

/// Walks all samples through a graph, operation by operation, once as it is and once as it becomes,
/// so that each layer can be changed in the light of what the layers before it have become.
///
/// Values die after their last use, so that what is alive at one time is what one layer needs, times
/// the number of samples.
struct PairedWalk {
  let graph: Graph
  private var exact: [Value: [Tensor]] = [:]
  private var changed: [Value: [Tensor]] = [:]
  private var lastUse: [Value: OperationID] = [:]

  /// - Parameters:
  ///   - layers: the operations that `change` is asked about; nothing behind the last is evaluated.
  ///   - title: of the progress bar.
  /// - Throws: what an operation's evaluation throws.
  static func run(
    _ graph: Graph, _ samples: [[Tensor]], layers: Set<OperationID>,
    _ change: inout some LayerChange, title: String, _ context: PassContext
  ) throws {
    var walk = PairedWalk(graph: graph)
    let order = Array(graph.operations(in: graph.entry))
    guard let last = order.lastIndex(where: { layers.contains($0) }) else { return }
    for id in order {
      for value in graph[id].operands + graph[id].results { walk.lastUse[value] = id }
    }
    for (index, argument) in graph.arguments.enumerated() {
      let tensors = samples.compactMap { index < $0.count ? $0[index] : nil }
      walk.exact[argument] = tensors
      walk.changed[argument] = change.stored(argument, tensors)
    }
    for (index, id) in order[...last].enumerated() {
      context.progress?(title, index + 1, last + 1)
      let node = graph[id]
      let results =
        layers.contains(id) ? try change.change(id, node, walk) : nil
      if let results {
        walk.exact[node.results[0]] = results.exact
        walk.changed[node.results[0]] = change.stored(node.results[0], results.changed)
      } else {
        try walk.evaluate(node, samples.count, change)
      }
      walk.release(id)
    }
  }

  private init(graph: Graph) { self.graph = graph }

  /// The tensors of `value` in the changed model, one per sample.
  func changed(_ value: Value) -> [Tensor] { changed[value] ?? [] }

  /// The operands of `node` for one sample in the model as it is.
  func exactOperands(_ node: Node, _ sample: Int) throws -> [Tensor] {
    try operands(node, exact, sample)
  }

  /// The operands of `node` for one sample in the changed model.
  func changedOperands(_ node: Node, _ sample: Int) throws -> [Tensor] {
    try operands(node, changed, sample)
  }

  private func operands(
    _ node: Node, _ values: [Value: [Tensor]], _ sample: Int
  ) throws -> [Tensor] {
    try node.operands.map { value in
      if let constant = graph.constant(value) { return constant }
      guard let tensors = values[value], sample < tensors.count else {
        throw Diagnostic.internalError(
          "a value is met before it is made", place: node.location.summary)
      }
      return tensors[sample]
    }
  }

  private mutating func evaluate(
    _ node: Node, _ count: Int, _ change: some LayerChange
  ) throws {
    let isPassive = type(of: change).isPassive
    let now = self
    let types = node.results.map { graph[$0] }
    let results = try concurrentMap(count) { sample in
      let evaluation = EvaluationContext(resultTypes: types)
      let exact = try node.operation.evaluate(now.exactOperands(node, sample), evaluation)
      if isPassive { return (exact, exact) }
      return (
        exact, try node.operation.evaluate(now.changedOperands(node, sample), evaluation)
      )
    }
    for (index, value) in node.results.enumerated() {
      exact[value] = results.map { $0.0[index] }
      changed[value] = change.stored(value, results.map { $0.1[index] })
    }
  }

  private mutating func release(_ id: OperationID) {
    for value in graph[id].operands + graph[id].results where lastUse[value] == id {
      exact[value] = nil
      changed[value] = nil
    }
  }
}
