import IR

/// The axis of each value that its channels lie along.
///
/// Layers make channels along the last axis. Transposes and reshapes move them: where an attention's
/// queries are parted into heads, channels become heads, and go on along the heads' axis.
struct ChannelAxes {
  private var axes: [Value: Int] = [:]
  /// Values whose channels some layer made. Those of others are not followed: the last axis of an
  /// image need not be its channels'.
  private var made: Set<Value> = []

  init(_ graph: Graph) {
    let outlook = AxisOutlook(graph)
    for value in graph.arguments { place(value, nil, graph) }
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      let axis = node.results.count == 1 ? resultAxis(node, graph, outlook) : nil
      let isLayer = node.operation is any LayerWithEpilogue
      for value in node.results {
        place(value, axis, graph)
        if isLayer || axis != nil { made.insert(value) }
      }
    }
  }

  /// nil for scalars and where the number of channels is unknown.
  subscript(value: Value) -> Int? { axes[value] }

  private mutating func place(_ value: Value, _ axis: Int?, _ graph: Graph) {
    let type = graph[value]
    guard type.rank > 0 else { return }
    let axis = axis ?? type.rank - 1
    if type.shape[axis] > 0 { axes[value] = axis }
  }

  /// Where the operands' channels lead to; nil where they lead nowhere.
  private func resultAxis(_ node: Node, _ graph: Graph, _ outlook: AxisOutlook) -> Int? {
    let result = graph[node.results[0]]
    var found: Int?
    for (place, operand) in node.operands.enumerated() {
      guard let axis = axes[operand], made.contains(operand) else { continue }
      switch AxisFlow(axis, of: place, node, graph) {
      case .to(let target):
        // An operand that is not broadcast knows best.
        if graph[operand].shape == result.shape { return target }
        found = found ?? target
      case .reshaped(let candidates): found = found ?? outlook.best(candidates, node.results[0], graph)
      case .summed, .repeated, .mixed: continue
      }
    }
    return found
  }

  /// The axis of a constant operand that runs along the channels of the result; nil where it has one
  /// element for all of them.
  func constantAxis(_ tensor: Tensor, _ result: Value, _ graph: Graph) -> Int? {
    guard let axis = axes[result] else { return nil }
    let own = axis + tensor.rank - graph[result].rank
    guard own >= 0, tensor.shape[own] == graph[result].shape[axis], tensor.shape[own] > 1 else {
      return nil
    }
    return own
  }
}

/// What becomes of each axis of a value further on.
private struct AxisOutlook {
  private struct Fate {
    /// Whether nothing further on mixes indices along the axis.
    var isKept: Bool = true
    /// Whether a product runs for each index apart, as for the heads of an attention.
    var isBatch: Bool = false
  }
  private var fates: [Value: [Fate]] = [:]

  init(_ graph: Graph) {
    for value in graph.results {
      fates[value] = [Fate](repeating: Fate(isKept: false), count: graph[value].rank)
    }
    // Users come behind what they use.
    for id in graph.operations(in: graph.entry).reversed() {
      let node = graph[id]
      for (place, operand) in node.operands.enumerated() where graph.constant(operand) == nil {
        for axis in 0..<graph[operand].rank { add(axis, operand, place, node, graph) }
      }
    }
  }

  private mutating func add(
    _ axis: Int, _ operand: Value, _ place: Int, _ node: Node, _ graph: Graph
  ) {
    var fate = self[operand, axis, graph]
    switch AxisFlow(axis, of: place, node, graph) {
    case .to(let target):
      let next = self[node.results[0], target, graph]
      fate.isKept = fate.isKept && next.isKept
      let isProduct = node.operation is MatMul || node.operation is Attention
      fate.isBatch = fate.isBatch || next.isBatch || isProduct && axis < graph[operand].rank - 2
    case .reshaped(let targets):
      let next = targets.map { self[node.results[0], $0, graph] }
      fate.isKept = fate.isKept && next.contains { $0.isKept }
      fate.isBatch = fate.isBatch || next.contains { $0.isBatch }
    case .summed, .repeated: break
    case .mixed: fate.isKept = false
    }
    if fates[operand] == nil {
      fates[operand] = [Fate](repeating: Fate(), count: graph[operand].rank)
    }
    fates[operand]?[axis] = fate
  }

  private subscript(value: Value, axis: Int, graph: Graph) -> Fate {
    fates[value]?[axis] ?? Fate()
  }

  /// An axis that nothing mixes, heads before others, wide before narrow, late before early.
  func best(_ candidates: [Int], _ value: Value, _ graph: Graph) -> Int? {
    func rank(_ axis: Int) -> (Int, Int, Int, Int) {
      let fate = self[value, axis, graph]
      return (fate.isKept ? 1 : 0, fate.isBatch ? 1 : 0, graph[value].shape[axis], axis)
    }
    return candidates.max { rank($0) < rank($1) }
  }
}
