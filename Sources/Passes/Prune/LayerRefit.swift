import IR

/// Fits the weights that stay to what their layer computed before pruning, from inputs as the pruned
/// model has them: ridge regression towards the weights as they were. Layers that see what they saw
/// before keep their weights.
///
/// With centred inputs X and results Y of the whole model, `W = W₀ + (Y − W₀X)Xᵀ(XXᵀ + λ)⁻¹`; the bias
/// takes up the means.
///
/// Layers with the same weights, as the steps of a recurrent layer have them, are fitted together,
/// from inputs as the whole model has them: the pruned model's are not known before the last step.
struct LayerRefit: LayerChange {
  struct Layer {
    let weights: Tensor
    /// nil where there was none and none is needed.
    let bias: Tensor?
  }

  private let graph: Graph
  private let layers: [OperationID: PrunableLayers.Layer]
  /// Layers that see something else than before.
  private let reached: Set<OperationID>
  private let removed: Set<Int>
  /// λ as a part of the mean of the covariance's diagonal; nil to keep the weights.
  private let ridge: Float?
  private(set) var changed: [OperationID: Layer]

  /// What layers become when `removed` goes; layers that stay as they are are left out.
  ///
  /// - Parameter ridge: nil to fit nothing, for which no samples are needed.
  /// - Throws: what evaluating the samples throws.
  static func layers(
    _ layers: PrunableLayers, _ removed: Set<Int>, _ samples: [[Tensor]], ridge: Float?,
    _ context: PassContext
  ) throws -> [OperationID: Layer] {
    let shared = SharedLayers(layers)
    let reach = PruneReach(layers, removed, shared)
    guard let ridge else {
      let plain = LayerRefit(layers, removed, reach.layers, ridge: nil, known: [:])
      var changed: [OperationID: Layer] = [:]
      for layer in layers.layers where plain.loses(layer) {
        changed[layer.id] = try plain.fit(layer, [], [])
      }
      return changed
    }
    var known: [OperationID: Layer] = [:]
    let plain = LayerRefit(layers, removed, reach.layers, ridge: ridge, known: [:])
    if shared.groups.contains(where: { reach.layers.contains($0[0]) }) {
      var collector = SharedLayerCollector(layers, shared)
      try PairedWalk.run(
        layers.graph, samples, layers: layers.ids, &collector, title: "measuring", context)
      for group in shared.groups where reach.layers.contains(group[0]) {
        guard let layer = plain.layers[group[0]] else { continue }
        let (inputs, wanted) = collector.gathered(group)
        let fitted = try plain.fit(layer, inputs, wanted)
        for id in group { known[id] = fitted }
      }
    }
    var refit = LayerRefit(layers, removed, reach.layers, ridge: ridge, known: known)
    try PairedWalk.run(
      layers.graph, samples, layers: layers.ids, &refit, title: "re-fitting", context)
    return refit.changed
  }

  private init(
    _ layers: PrunableLayers, _ removed: Set<Int>, _ reached: Set<OperationID>, ridge: Float?,
    known: [OperationID: Layer]
  ) {
    graph = layers.graph
    self.layers = Dictionary(uniqueKeysWithValues: layers.layers.map { ($0.id, $0) })
    self.reached = reached
    self.removed = removed
    self.ridge = ridge
    changed = known
  }

  func stored(_ value: Value, _ tensors: [Tensor]) -> [Tensor] { tensors }

  mutating func change(
    _ id: OperationID, _ node: Node, _ walk: PairedWalk
  ) throws -> (exact: [Tensor], changed: [Tensor])? {
    guard let layer = layers[id], reached.contains(id) || loses(layer),
      let operation = node.operation as? any LayerWithEpilogue
    else { return nil }
    let bare: any Operation = operation.bare
    let types = [graph[node.results[0]]]
    let inputs = walk.changed(node.operands[0])
    let wanted = try concurrentMap(inputs.count) { sample in
      try bare.evaluate(
        walk.exactOperands(node, sample), EvaluationContext(resultTypes: types))[0]
    }
    let fitted = try changed[id] ?? fit(layer, inputs, wanted)
    changed[id] = fitted
    let bounds = (operation.minimum, operation.maximum)
    let results = try concurrentMap(inputs.count) { sample in
      let operands = [inputs[sample], fitted.weights] + (fitted.bias.map { [$0] } ?? [])
      let result = try bare.evaluate(operands, EvaluationContext(resultTypes: types))[0]
      return (
        LayerBias.clamped(wanted[sample], nil, bounds), LayerBias.clamped(result, nil, bounds)
      )
    }
    return (results.map(\.0), results.map(\.1))
  }

  /// Whether outputs or inputs of the layer go.
  private func loses(_ layer: PrunableLayers.Layer) -> Bool {
    layer.outputs.contains { removed.contains($0) } || layer.inputs.contains { removed.contains($0) }
  }

  /// - Parameters:
  ///   - inputs: one per sample.
  ///   - wanted: the results to come near to, one per sample.
  private func fit(
    _ layer: PrunableLayers.Layer, _ inputs: [Tensor], _ wanted: [Tensor]
  ) throws -> Layer {
    let node = graph[layer.id]
    let columns = layer.columns
    let shape = graph[node.results[0]].shape
    let skip = LayerMoments.skip(inputs.count, shape, columns)
    let old = layer.weights.floats()
    let oldBias = node.operands.count > 2 ? graph.constant(node.operands[2])?.floats() : nil
    let needsFit = ridge != nil && reached.contains(layer.id)
    let moments =
      needsFit ? try LayerMoments.all(inputs, columns, output: shape, skip: skip) : []
    let removed = removed
    let fits = try concurrentMap(columns.groups.count) { index -> [Fit] in
      let group = columns.groups[index]
      let keptColumns = layer.columns(without: removed, group: group.index)
      let kept = group.outputs.filter { !removed.contains(layer.outputs[$0.channel]) }
      guard !kept.isEmpty else { return [] }
      let rows = kept.map { output in keptColumns.map { old[output.offset + $0 * columns.step] } }
      let biases = kept.map { oldBias?[$0.channel] ?? 0 }
      guard needsFit, let ridge else {
        return kept.indices.map { Fit(kept[$0], rows[$0], biases[$0], keptColumns) }
      }
      let problem = RegressionProblem(
        inputs, wanted, columns, group, moments[index], outputs: kept.map(\.channel),
        kept: keptColumns, output: shape, skip: skip)
      let solution = problem.solve(from: rows, ridge: ridge)
      return kept.indices.map {
        Fit(kept[$0], solution.rows[$0], solution.biases[$0], keptColumns)
      }
    }
    var weights = [Float](repeating: 0, count: old.count)
    var bias = [Float](repeating: 0, count: layer.outputs.count)
    for fit in fits.joined() {
      bias[fit.channel] = fit.bias
      for (value, column) in zip(fit.row, fit.columns) {
        weights[fit.offset + column * columns.step] = value
      }
    }
    let hasBias = oldBias != nil || needsFit
    return Layer(
      weights: Tensor(layer.weights.shape, weights),
      bias: hasBias ? Tensor([bias.count], bias) : nil)
  }

  /// The weights of one output.
  private struct Fit {
    let channel: Int
    let offset: Int
    let row: [Float]
    let bias: Float
    let columns: [Int]

    init(
      _ output: (channel: Int, offset: Int), _ row: [Float], _ bias: Float, _ columns: [Int]
    ) {
      (channel, offset) = (output.channel, output.offset)
      (self.row, self.bias, self.columns) = (row, bias, columns)
    }
  }
}
