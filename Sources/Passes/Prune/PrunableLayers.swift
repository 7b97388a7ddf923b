import IR

/// A graph's layers and the groups of channels that tie them together.
struct PrunableLayers {
  /// A convolution in one group, a fully connected layer, or a depthwise convolution.
  struct Layer {
    let id: OperationID
    let columns: LayerColumns
    let weights: Tensor
    let isDepthwise: Bool
    /// The class of each output channel.
    let outputs: [Int]
    /// The class of each input channel; for a depthwise layer that of its outputs.
    let inputs: [Int]
    /// Multiply-accumulates of one output from one input.
    let unit: Int

    /// The columns that input channel `channel` takes up.
    func columns(of channel: Int) -> [Int] {
      stride(from: channel, to: columns.depth, by: inputs.count).map(\.self)
    }
  }

  let graph: Graph
  let layers: [Layer]
  /// Classes whose channels somebody outside of layers counts on.
  let fixed: Set<Int>
  var ids: Set<OperationID> { Set(layers.map(\.id)) }

  init(_ graph: Graph) {
    self.graph = graph
    var roles: [OperationID: ChannelRole] = [:]
    for id in graph.operations(in: graph.entry) { roles[id] = ChannelRole(graph[id], graph) }
    let classes = ChannelClasses(graph, roles)
    let fixedChannels = FixedChannels(graph, roles, classes)
    func roots(_ value: Value) -> [Int]? {
      guard let count = classes.counts[value] else { return nil }
      let roots = (0..<count).compactMap { classes.root(value, $0) }
      return roots.count == count ? roots : nil
    }
    var layers: [Layer] = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      guard let role = roles[id], node.operands.count <= 3,
        let operation = node.operation as? any LayerWithEpilogue, operation.activation == .none,
        let weights = graph.constant(node.operands[1]), weights.element == .f32,
        node.operands.count < 3 || graph.constant(node.operands[2])?.element == .f32,
        let columns = LayerColumns(node.operation, weights: weights.shape),
        let outputs = roots(node.results[0]), let inputs = roots(node.operands[0])
      else { continue }
      var isDepthwise = false
      switch role {
      case .product: break
      case .depthwise: isDepthwise = true
      default: continue
      }
      let macs = node.operation.macs(
        operands: node.operands.map { graph[$0] }, results: node.results.map { graph[$0] })
      let pairs = isDepthwise ? outputs.count : outputs.count * inputs.count
      layers.append(
        Layer(
          id: id, columns: columns, weights: weights, isDepthwise: isDepthwise, outputs: outputs,
          inputs: inputs, unit: max(1, macs / max(pairs, 1))))
    }
    self.layers = layers
    fixed = fixedChannels.roots
  }

  /// Multiply-accumulates of the whole function.
  var macs: Int {
    graph.allOperations().reduce(0) { sum, id in
      let node = graph[id]
      return sum
        + node.operation.macs(
          operands: node.operands.map { graph[$0] }, results: node.results.map { graph[$0] })
    }
  }
}
