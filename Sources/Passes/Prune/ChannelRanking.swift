import IR

/// Which groups of channels go first.
struct ChannelRanking {
  private let layers: PrunableLayers
  private let importance: ChannelImportance
  private let scope: ChannelScope
  /// Whether the scales of batch norms are known.
  private(set) var hasNorms: Bool = false
  /// By layer, one for each of its groups.
  private var eliminations: [Int: [ColumnElimination]] = [:]
  /// By class: the layers that make it, those that read it, and those in between that treat channels
  /// apart; each with how many of its channels are of the class.
  private var members: [Int: Members] = [:]

  private struct Members {
    var producers: [(layer: Int, count: Int)] = []
    var readers: [(layer: Int, channels: [Int])] = []
    var passages: [(layer: Int, count: Int)] = []
    /// What each layer loses with it.
    var shrinks: [Int: (outputs: Int, inputs: Int)] = [:]
    /// Values that must keep a channel.
    var slices: [(slice: Int, count: Int)] = []
    /// Multiply-accumulates of operations other than layers.
    var others: Double = 0
    /// The summed size of the filters that make it.
    var magnitude: Double = 0
  }

  /// - Throws: what evaluating the samples throws.
  init(
    _ layers: PrunableLayers, _ importance: ChannelImportance, _ scope: ChannelScope,
    _ samples: [[Tensor]], _ context: PassContext
  ) throws {
    self.layers = layers
    self.importance = importance
    self.scope = scope
    collectMembers()
    if importance == .batchNorm { addScales() }
    guard importance.needsSamples, !hasNorms else { return }
    var collector = MomentCollector(layers)
    try PairedWalk.run(
      layers.graph, samples, layers: layers.ids, &collector, title: "measuring", context)
    for (index, layer) in layers.layers.enumerated() where !layer.isDepthwise {
      guard let moments = collector.moments[layer.id] else { continue }
      let values = layer.weights.floats()
      let importance = importance
      let parts = try concurrentMap(moments.count) { group in
        let rows = layer.columns.groups[group].outputs.map { output in
          (0..<layer.columns.depth).map { values[output.offset + $0 * layer.columns.step] }
        }
        if importance == .batchNorm {
          return Measured.deviations(ColumnElimination.deviations(rows, moments[group].covariance))
        }
        return Measured.elimination(
          ColumnElimination(
            moments[group], weights: rows, considersOthers: importance == .reconstruction))
      }
      add(parts, index, layer)
    }
  }

  /// What samples tell of a group of a layer's outputs.
  private enum Measured: Sendable {
    case elimination(ColumnElimination)
    case deviations([Double])
  }

  private mutating func add(_ parts: [Measured], _ index: Int, _ layer: PrunableLayers.Layer) {
    for (group, part) in parts.enumerated() {
      switch part {
      case .elimination(let elimination): eliminations[index, default: []].append(elimination)
      case .deviations(let deviations):
        for (output, deviation) in zip(layer.columns.groups[group].outputs, deviations) {
          members[layer.outputs[output.channel], default: Members()].magnitude += deviation
        }
      }
    }
  }

  /// The scales of batch norms that the model still has.
  private mutating func addScales() {
    let graph = layers.graph
    var scales: [Int: Double] = [:]
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      guard node.operation is BatchNorm, let scale = graph.constant(node.operands[1])?.doubles(),
        let roots = layers.roots(node.results[0]), roots.count == scale.count
      else { continue }
      for (root, value) in zip(roots, scale) { scales[root, default: 0] += value.magnitude }
    }
    let prunable = members.keys.filter { !layers.fixed.contains($0) }
    hasNorms = !scales.isEmpty && prunable.allSatisfy { scales[$0] != nil }
    guard hasNorms else { return }
    for (root, scale) in scales { members[root]?.magnitude = scale }
  }

  private mutating func collectMembers() {
    for (index, layer) in layers.layers.enumerated() {
      let counts = Dictionary(layer.outputs.map { ($0, 1) }, uniquingKeysWith: +)
      for (root, count) in counts {
        members[root, default: Members()].shrinks[index, default: (0, 0)].outputs += count
        if layer.isDepthwise {
          members[root, default: Members()].passages.append((index, count))
        } else {
          members[root, default: Members()].producers.append((index, count))
        }
      }
      guard !layer.isDepthwise else { continue }
      let channels = Dictionary(grouping: layer.inputs.indices) { layer.inputs[$0] }
      for (root, list) in channels {
        members[root, default: Members()].shrinks[index, default: (0, 0)].inputs += list.count
        members[root, default: Members()].readers.append((index, list))
      }
      if !importance.needsSamples { addMagnitudes(layer) }
    }
    for (index, slice) in layers.slices.enumerated() {
      for (root, count) in Dictionary(slice.map { ($0, 1) }, uniquingKeysWith: +) {
        members[root, default: Members()].slices.append((index, count))
      }
    }
    for passage in layers.passages {
      for root in passage.channels { members[root, default: Members()].others += passage.unit }
    }
  }

  private mutating func addMagnitudes(_ layer: PrunableLayers.Layer) {
    let values = layer.weights.floats()
    for output in layer.columns.groups.flatMap(\.outputs) {
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
  func choose(ratio: Double, multiple: Int) -> Set<Int> {
    let all = Double(layers.macs)
    let target = all * ratio
    var best = Selection(self)
    var aim = target
    // Rounding to multiples takes channels back: more is taken in turn.
    for _ in 0..<(multiple > 1 ? ChannelRanking.attempts : 1) {
      var state = selection(saving: aim)
      state.round(to: multiple, self)
      if state.saved > best.saved { best = state }
      if best.saved >= target - ChannelRanking.slack * all || aim >= all { break }
      aim += max(target - state.saved, ChannelRanking.slack * all)
    }
    return best.removed
  }

  private func selection(saving target: Double) -> Selection {
    var state = Selection(self)
    let all = Double(layers.macs)
    for round in 0..<ChannelRanking.rounds where state.saved < target {
      let share = (target - state.saved) / Double(ChannelRanking.rounds - round)
      let goal = round + 1 == ChannelRanking.rounds ? target : state.saved + max(1, share)
      for candidate in state.ranked(self) where state.saved < goal {
        // What is much more than is left to save would overshoot.
        let excess = state.saved + state.saving(candidate, self) - target
        if excess < ChannelRanking.slack * all { state.remove(candidate, self) }
      }
    }
    // Only what overshoots is left: the least of it.
    while state.saved < target, let least = state.ranked(self).min(by: {
      state.saving($0, self) < state.saving($1, self)
    }) { state.remove(least, self) }
    return state
  }

  /// Of all multiply-accumulates, by which the ratio may be missed.
  private static let slack: Double = 0.01
  /// At multiples that save what was asked for.
  private static let attempts: Int = 6

  /// Costs are looked at anew so many times while channels go.
  private static let rounds: Int = 24

  /// What is still there.
  private struct Selection {
    var eliminations: [Int: [ColumnElimination]]
    private(set) var removed: Set<Int> = []
    var order: [Int] = []
    var outputs: [Int]
    var inputs: [Int]
    var slices: [Int]
    private(set) var saved: Double = 0

    init(_ ranking: ChannelRanking) {
      eliminations = ranking.eliminations
      outputs = ranking.layers.layers.map(\.outputs.count)
      inputs = ranking.layers.layers.map(\.inputs.count)
      slices = ranking.layers.slices.map(\.count)
    }

    /// The classes that may go, cheapest first.
    func ranked(_ ranking: ChannelRanking) -> [Int] {
      let open = ranking.members.keys.filter { root in
        !removed.contains(root) && !ranking.layers.fixed.contains(root) && mayGo(root, ranking)
      }.sorted()
      let scores = try? concurrentMap(open.count) { [self] index in
        score(open[index], ranking)
      }
      let sorted = zip(open, scores ?? []).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
      return ranking.scope == .global ? sorted : evenly(sorted, ranking)
    }

    /// Classes of the same layers one by one, so that each of these loses the same part in turn.
    private func evenly(_ sorted: [Int], _ ranking: ChannelRanking) -> [Int] {
      func layers(_ root: Int) -> [Int] {
        ranking.members[root]?.producers.map(\.layer) ?? []
      }
      var gone: [[Int]: Int] = [:]
      for root in removed { gone[layers(root), default: 0] += 1 }
      var whole = gone
      for root in sorted { whole[layers(root), default: 0] += 1 }
      let parts = sorted.map { root -> Double in
        let key = layers(root)
        gone[key, default: 0] += 1
        return Double(gone[key, default: 0]) / Double(whole[key, default: 1])
      }
      return sorted.indices.sorted { (parts[$0], $0) < (parts[$1], $1) }.map { sorted[$0] }
    }

    /// A layer keeps one channel in ten, and one at least.
    private func mayGo(_ root: Int, _ ranking: ChannelRanking) -> Bool {
      guard let members = ranking.members[root], !members.producers.isEmpty,
        !members.readers.isEmpty
      else { return false }
      guard members.slices.allSatisfy({ slices[$0] > $1 }) else { return false }
      return members.producers.allSatisfy { layer, count in
        let whole = ranking.layers.layers[layer].outputs.count
        return outputs[layer] - count >= max(1, whole / 10)
      }
    }

    private func score(_ root: Int, _ ranking: ChannelRanking) -> Double {
      guard let members = ranking.members[root] else { return .infinity }
      let saving = max(saving(root, ranking), 1)
      switch ranking.importance {
      case .l1, .l2, .batchNorm: return ranking.scope == .layer ? members.magnitude : members.magnitude / saving
      case .reconstruction, .activation:
        let cost = members.readers.reduce(0.0) { sum, reader in
          let layer = ranking.layers.layers[reader.layer]
          guard let groups = eliminations[reader.layer] else { return sum }
          return layer.columns(of: reader.channels).reduce(sum) { sum, part in
            sum + groups[part.group].cost(part.columns) / Double(groups.count)
          }
        }
        return ranking.scope == .layer ? cost : cost / saving
      }
    }

    /// Multiply-accumulates that go with the class, from what is left.
    func saving(_ root: Int, _ ranking: ChannelRanking) -> Double {
      guard let members = ranking.members[root] else { return 0 }
      let layers = ranking.layers.layers
      return members.shrinks.reduce(members.others) { sum, shrink in
        let (layer, lost) = (layers[shrink.key], shrink.value)
        let (made, read) = (outputs[shrink.key], inputs[shrink.key])
        if layer.isDepthwise { return sum + layer.unit * Double(lost.outputs) }
        let left = (made - lost.outputs) * (read - lost.inputs)
        return sum + layer.unit * Double(made * read - left)
      }
    }

    mutating func remove(_ root: Int, _ ranking: ChannelRanking) {
      guard let members = ranking.members[root], mayGo(root, ranking) else { return }
      saved += saving(root, ranking)
      removed.insert(root)
      order.append(root)
      for (layer, count) in members.producers + members.passages { outputs[layer] -= count }
      for (slice, count) in members.slices { slices[slice] -= count }
      for (layer, channels) in members.readers {
        inputs[layer] -= channels.count
        for part in ranking.layers.layers[layer].columns(of: channels) {
          eliminations[layer]?[part.group].eliminate(part.columns)
        }
      }
    }

    /// Takes back what was removed last until every layer keeps a multiple.
    mutating func round(to multiple: Int, _ ranking: ChannelRanking) {
      guard multiple > 1 else { return }
      for root in order.reversed() {
        guard let members = ranking.members[root] else { continue }
        let isOdd = members.producers.contains { layer, _ in
          outputs[layer] % multiple != 0
            && outputs[layer] < ranking.layers.layers[layer].outputs.count
        }
        guard isOdd else { continue }
        removed.remove(root)
        for (layer, count) in members.producers + members.passages { outputs[layer] += count }
        for (layer, channels) in members.readers { inputs[layer] += channels.count }
        for (slice, count) in members.slices { slices[slice] += count }
        saved -= saving(root, ranking)
      }
      order.removeAll { !removed.contains($0) }
    }
  }
}

/// Takes the moments of every layer's inputs; changes nothing.
private struct MomentCollector: LayerChange {
  static var isPassive: Bool { true }
  private let layers: [OperationID: PrunableLayers.Layer]
  private let graph: Graph
  /// Of each group.
  var moments: [OperationID: [LayerMoments]] = [:]

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
    moments[id] = try LayerMoments.all(inputs, layer.columns, output: output, skip: skip)
    return nil
  }
}
