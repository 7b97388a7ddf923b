import IR

/// Fits the weights that stay to what their layer computed before pruning, from inputs as the pruned
/// model has them: ridge regression towards the weights as they were.
///
/// With centred inputs X and results Y of the whole model, `W = W₀ + (Y − W₀X)Xᵀ(XXᵀ + λ)⁻¹`; the bias
/// takes up the means.
struct LayerRefit: LayerChange {
  struct Layer {
    let weights: Tensor
    let bias: Tensor
  }

  private let graph: Graph
  private let layers: [OperationID: PrunableLayers.Layer]
  /// Layers that see something else than before.
  private let reached: Set<OperationID>
  private let removed: Set<Int>
  /// λ as a part of the mean of the covariance's diagonal; nil to keep the weights.
  private let ridge: Float?
  private(set) var changed: [OperationID: Layer] = [:]

  init(_ layers: PrunableLayers, _ removed: Set<Int>, ridge: Float?) {
    graph = layers.graph
    self.layers = Dictionary(uniqueKeysWithValues: layers.layers.map { ($0.id, $0) })
    reached = PruneReach(layers, removed).layers
    self.removed = removed
    self.ridge = ridge
  }

  func stored(_ value: Value, _ tensors: [Tensor]) -> [Tensor] { tensors }

  mutating func change(
    _ id: OperationID, _ node: Node, _ walk: PairedWalk
  ) throws -> (exact: [Tensor], changed: [Tensor])? {
    guard let layer = layers[id], let operation = node.operation as? any LayerWithEpilogue else {
      return nil
    }
    let bare: any Operation = operation.bare
    let types = [graph[node.results[0]]]
    let inputs = walk.changed(node.operands[0])
    let wanted = try concurrentMap(inputs.count) { sample in
      try bare.evaluate(
        walk.exactOperands(node, sample), EvaluationContext(resultTypes: types))[0]
    }
    let fitted = try fit(layer, node, inputs, wanted)
    changed[id] = fitted
    let bounds = (operation.minimum, operation.maximum)
    let results = try concurrentMap(inputs.count) { sample in
      let operands = [inputs[sample], fitted.weights, fitted.bias]
      let result = try bare.evaluate(operands, EvaluationContext(resultTypes: types))[0]
      return (
        LayerBias.clamped(wanted[sample], nil, bounds), LayerBias.clamped(result, nil, bounds)
      )
    }
    return (results.map(\.0), results.map(\.1))
  }

  private func fit(
    _ layer: PrunableLayers.Layer, _ node: Node, _ inputs: [Tensor], _ wanted: [Tensor]
  ) throws -> Layer {
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
    return Layer(
      weights: Tensor(layer.weights.shape, weights), bias: Tensor([bias.count], bias))
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
