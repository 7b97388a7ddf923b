import IR

/// Quantises a float graph's layers one after the other: weights are rounded so that the layer's
/// results change least, then the bias takes up what the mean of each output channel still is off.
struct LayerwiseQuantizer: LayerChange {
  /// What a layer becomes.
  struct Layer {
    let weights: Tensor
    /// nil where the layer keeps its own.
    let bias: Tensor?
  }

  struct Settings: Sendable {
    /// Whether weights are rounded together rather than each to its nearest integer.
    var reconstructs: Bool = true
    var correctsBias: Bool = true
  }

  private let graph: Graph
  private let plan: QuantizationPlan
  private let settings: Settings
  private let axes: [OperationID: Int]
  private(set) var layers: [OperationID: Layer] = [:]

  /// - Throws: what an operation's evaluation throws, naming the node.
  init(
    _ graph: Graph, _ plan: QuantizationPlan, _ samples: [[Tensor]], _ settings: Settings,
    _ context: PassContext
  ) throws {
    self.graph = graph
    self.plan = plan
    self.settings = settings
    axes = Dictionary(uniqueKeysWithValues: plan.products.map { ($0.id, $0.axis) })
    try PairedWalk.run(
      graph, samples, layers: Set(axes.keys), &self, title: "quantising", context)
  }

  /// Values lose what rounding to their steps takes.
  func stored(_ value: Value, _ tensors: [Tensor]) -> [Tensor] {
    guard let quantization = plan.quantization(of: value) else { return tensors }
    let element = plan.element(of: value)
    let rounded = try? concurrentMap(tensors.count) { index in
      let type = TensorType(element, tensors[index].shape, quantization)
      return tensors[index].rounded(as: type)
    }
    return rounded ?? tensors
  }

  mutating func change(
    _ id: OperationID, _ node: Node, _ walk: PairedWalk
  ) throws -> (exact: [Tensor], changed: [Tensor])? {
    guard let axis = axes[id], let weights = graph.constant(node.operands[1]),
      let columns = LayerColumns(node.operation, weights: weights.shape),
      let layer = node.operation as? any LayerWithEpilogue, layer.activation == .none,
      node.operands.count <= 3
    else { return nil }
    let quantization = WeightScales.symmetric(weights, axis: axis)
    let rounded =
      settings.reconstructs
      ? try reconstruct(node, weights, columns, quantization, walk)
      : weights.quantized(as: TensorType(.i8, weights.shape, quantization), .even)
    let real = rounded.dequantized()
    let operation: any Operation = layer.bare
    let types = [graph[node.results[0]]]
    let count = walk.changed(node.operands[0]).count
    let results = try concurrentMap(count) { sample in
      let evaluation = EvaluationContext(resultTypes: types)
      let wanted = try operation.evaluate(walk.exactOperands(node, sample), evaluation)[0]
      var inputs = try walk.changedOperands(node, sample)
      inputs[1] = real
      return (wanted, try operation.evaluate(inputs, evaluation)[0])
    }
    var shift: [Double]?
    var bias: Tensor?
    if settings.correctsBias {
      let difference = try LayerBias.meanDifference(results, types[0].shape.dimensions.last ?? 1)
      bias = LayerBias.shifted(node, graph, difference)
      if bias != nil { shift = difference }
    }
    layers[id] = Layer(weights: rounded, bias: bias)
    let (clamp, move) = ((layer.minimum, layer.maximum), shift)
    let finished = try concurrentMap(count) { sample in
      (
        LayerBias.clamped(results[sample].0, nil, clamp),
        LayerBias.clamped(results[sample].1, move, clamp)
      )
    }
    return (finished.map(\.0), finished.map(\.1))
  }

  /// Weights rounded in the light of the layer's inputs.
  private func reconstruct(
    _ node: Node, _ weights: Tensor, _ columns: LayerColumns, _ quantization: Quantization,
    _ walk: PairedWalk
  ) throws -> Tensor {
    let inputs = walk.changed(node.operands[0])
    let shape = graph[node.results[0]].shape
    let skip = LayerMoments.skip(inputs.count, shape, columns)
    let reals = weights.floats()
    let moments = try LayerMoments.all(inputs, columns, output: shape, skip: skip)
    let parts = try concurrentMap(columns.groups.count) { index in
      let group = columns.groups[index]
      let rounding = WeightRounding(moments[index].covariance)
      return try concurrentMap(group.outputs.count) { output in
        let (channel, offset) = group.outputs[output]
        var row = (0..<columns.depth).map { reals[offset + $0 * columns.step] }
        let scale = quantization.scales[channel]
        rounding?.round(&row, scale: scale)
        return row.map { Int(min(max(($0 / scale).rounded(.toNearestOrEven), -127), 127)) }
      }
    }
    var integers = [Int](repeating: 0, count: reals.count)
    for (group, rows) in zip(columns.groups, parts) {
      for (output, row) in zip(group.outputs, rows) {
        for (column, value) in row.enumerated() {
          integers[output.offset + column * columns.step] = value
        }
      }
    }
    return Tensor.from(integers: integers, .i8, weights.shape)
      .reinterpreted(as: TensorType(.i8, weights.shape, quantization))
  }
}
