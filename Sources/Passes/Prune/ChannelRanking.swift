import IR

/// Which groups of channels go first.
struct ChannelRanking {
  private let layers: PrunableLayers
  private let importance: ChannelImportance
  private var eliminations: [Int: ColumnElimination] = [:]
  /// By class: the layers that make it, those that read it, and those in between that treat channels
  /// apart; each with how many of its channels are of the class.
  private var members: [Int: Members] = [:]

  private struct Members {
    var producers: [(layer: Int, count: Int)] = []
    var readers: [(layer: Int, channels: [Int])] = []
    var passages: [(layer: Int, count: Int)] = []
    /// The summed size of the filters that make it.
    var magnitude: Double = 0
  }

  /// - Throws: what evaluating the samples throws.
  init(
    _ layers: PrunableLayers, _ importance: ChannelImportance, _ samples: [[Tensor]],
    _ context: PassContext
  ) throws {
    self.layers = layers
    self.importance = importance
    collectMembers()
    guard importance == .reconstruction || importance == .activation else { return }
    var collector = MomentCollector(layers)
    try PairedWalk.run(
      layers.graph, samples, layers: layers.ids, &collector, title: "measuring", context)
    for (index, layer) in layers.layers.enumerated() where !layer.isDepthwise {
      guard let moments = collector.moments[layer.id] else { continue }
      let values = layer.weights.floats()
      let rows = layer.columns.groups[0].outputs.map { output in
        (0..<layer.columns.depth).map { values[output.offset + $0 * layer.columns.step] }
      }
      eliminations[index] = ColumnElimination(
        moments, weights: rows, considersOthers: importance == .reconstruction)
    }
  }

  private mutating func collectMembers() {
    for (index, layer) in layers.layers.enumerated() {
      let counts = Dictionary(layer.outputs.map { ($0, 1) }, uniquingKeysWith: +)
      for (root, count) in counts {
        if layer.isDepthwise {
          members[root, default: Members()].passages.append((index, count))
        } else {
          members[root, default: Members()].producers.append((index, count))
        }
      }
      guard !layer.isDepthwise else { continue }
      let channels = Dictionary(grouping: layer.inputs.indices) { layer.inputs[$0] }
      for (root, list) in channels {
        members[root, default: Members()].readers.append((index, list))
      }
      addMagnitudes(layer)
    }
  }

  private mutating func addMagnitudes(_ layer: PrunableLayers.Layer) {
    let values = layer.weights.floats()
    for output in layer.columns.groups[0].outputs {
      let sum = (0..<layer.columns.depth).reduce(0.0) { sum, column in
        let weight = Double(values[output.offset + column * layer.columns.step])
        return sum + (importance == .l1 ? weight.magnitude : weight * weight)
      }
      members[layer.outputs[output.channel], default: Members()].magnitude +=
        sum / Double(layer.columns.depth)
    }
  }

  /// The classes that go so that `ratio` of the multiply-accumulates go with them.
  ///
  /// - Parameter multiple: what the number of channels that a layer keeps is a multiple of.
  /// - Returns: the classes, and the multiply-accumulates that go.
  func choose(ratio: Double, multiple: Int) -> (classes: Set<Int>, saved: Int) {
    var state = Selection(self)
    let target = Int(Double(layers.macs) * ratio)
    for round in 0..<ChannelRanking.rounds where state.saved < target {
      let goal = state.saved + max(1, (target - state.saved) / (ChannelRanking.rounds - round))
      let candidates = state.ranked(self)
      if candidates.isEmpty { break }
      for candidate in candidates where state.saved < goal {
        state.remove(candidate, self)
      }
    }
    return (state.rounded(to: multiple, self), state.saved)
  }

  /// Costs are looked at anew so many times while channels go.
  private static let rounds: Int = 24

  /// What is still there.
  private struct Selection {
    var eliminations: [Int: ColumnElimination]
    var removed: Set<Int> = []
    var order: [Int] = []
    var outputs: [Int]
    var inputs: [Int]
    var saved: Int = 0

    init(_ ranking: ChannelRanking) {
      eliminations = ranking.eliminations
      outputs = ranking.layers.layers.map(\.outputs.count)
      inputs = ranking.layers.layers.map(\.inputs.count)
    }

    /// The classes that may go, cheapest first.
    func ranked(_ ranking: ChannelRanking) -> [Int] {
      let open = ranking.members.keys.filter { root in
        !removed.contains(root) && !ranking.layers.fixed.contains(root) && mayGo(root, ranking)
      }.sorted()
      let scores = try? concurrentMap(open.count) { [self] index in
        score(open[index], ranking)
      }
      return zip(open, scores ?? []).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// A layer keeps one channel in ten, and one at least.
    private func mayGo(_ root: Int, _ ranking: ChannelRanking) -> Bool {
      guard let members = ranking.members[root], !members.producers.isEmpty,
        !members.readers.isEmpty
      else { return false }
      return members.producers.allSatisfy { layer, count in
        let whole = ranking.layers.layers[layer].outputs.count
        return outputs[layer] - count >= max(1, whole / 10)
      }
    }

    private func score(_ root: Int, _ ranking: ChannelRanking) -> Double {
      guard let members = ranking.members[root] else { return .infinity }
      let saving = Double(max(saving(root, ranking), 1))
      switch ranking.importance {
      case .l1, .l2: return members.magnitude / saving
      case .reconstruction, .activation:
        let cost = members.readers.reduce(0.0) { sum, reader in
          let layer = ranking.layers.layers[reader.layer]
          let columns = reader.channels.flatMap { layer.columns(of: $0) }
          return sum + (eliminations[reader.layer]?.cost(columns) ?? 0)
        }
        return cost / saving
      }
    }

    /// Multiply-accumulates that go with the class, from what is left.
    func saving(_ root: Int, _ ranking: ChannelRanking) -> Int {
      guard let members = ranking.members[root] else { return 0 }
      let layers = ranking.layers.layers
      let made = members.producers.reduce(0) { $0 + layers[$1.layer].unit * inputs[$1.layer] * $1.count }
      let read = members.readers.reduce(0) {
        $0 + layers[$1.layer].unit * outputs[$1.layer] * $1.channels.count
      }
      let passed = members.passages.reduce(0) { $0 + layers[$1.layer].unit * $1.count }
      return made + read + passed
    }

    mutating func remove(_ root: Int, _ ranking: ChannelRanking) {
      guard let members = ranking.members[root], mayGo(root, ranking) else { return }
      saved += saving(root, ranking)
      removed.insert(root)
      order.append(root)
      for (layer, count) in members.producers + members.passages { outputs[layer] -= count }
      for (layer, count) in members.passages { inputs[layer] -= count }
      for (layer, channels) in members.readers {
        inputs[layer] -= channels.count
        let columns = channels.flatMap { ranking.layers.layers[layer].columns(of: $0) }
        eliminations[layer]?.eliminate(columns)
      }
    }

    /// Takes back what was removed last until every layer keeps a multiple.
    func rounded(to multiple: Int, _ ranking: ChannelRanking) -> Set<Int> {
      guard multiple > 1 else { return removed }
      var (removed, outputs) = (removed, outputs)
      for root in order.reversed() {
        guard let members = ranking.members[root] else { continue }
        let isOdd = members.producers.contains { layer, _ in
          outputs[layer] % multiple != 0
            && outputs[layer] < ranking.layers.layers[layer].outputs.count
        }
        guard isOdd else { continue }
        removed.remove(root)
        for (layer, count) in members.producers + members.passages { outputs[layer] += count }
      }
      return removed
    }
  }
}

/// Takes the moments of every layer's inputs; changes nothing.
private struct MomentCollector: LayerChange {
  static var isPassive: Bool { true }
  private let layers: [OperationID: PrunableLayers.Layer]
  private let graph: Graph
  var moments: [OperationID: LayerMoments] = [:]

  init(_ layers: PrunableLayers) {
    graph = layers.graph
    self.layers = Dictionary(uniqueKeysWithValues: layers.layers.map { ($0.id, $0) })
  }

  func stored(_ value: Value, _ tensors: [Tensor]) -> [Tensor] { tensors }

  mutating func change(
    _ id: OperationID, _ node: Node, _ walk: PairedWalk
  ) throws -> (exact: [Tensor], changed: [Tensor])? {
    guard let layer = layers[id], !layer.isDepthwise else { return nil }
    let inputs = walk.changed(node.operands[0])
    let output = graph[node.results[0]].shape
    let skip = LayerMoments.skip(inputs.count, output, layer.columns)
    moments[id] = try LayerMoments(inputs, layer.columns, group: 0, output: output, skip: skip)
    return nil
  }
}
