import IR

/// A graph's layers and the groups of channels that tie them together.
struct PrunableLayers {
  /// A convolution, a fully connected layer, or a depthwise convolution.
  struct Layer {
    let id: OperationID
    let columns: LayerColumns
    let weights: Tensor
    let isDepthwise: Bool
    /// The class of each output channel.
    let outputs: [Int]
    /// The class of each input channel.
    let inputs: [Int]
    /// Multiply-accumulates of one output from one input, over the number of groups; of one output
    /// for a depthwise layer.
    let unit: Double

    /// Inputs of a group.
    private var width: Int { isDepthwise ? 1 : inputs.count / columns.groups.count }

    /// The group that sees input `channel`.
    func group(of channel: Int) -> Int { channel / width }

    /// The columns that input `channel` takes up in its group.
    func columns(of channel: Int) -> [Int] {
      stride(from: channel % width, to: columns.depth, by: width).map(\.self)
    }

    /// The columns of `channels`, by the groups that see them.
    func columns(of channels: [Int]) -> [(group: Int, columns: [Int])] {
      Dictionary(grouping: channels) { group(of: $0) }.sorted { $0.key < $1.key }.map {
        ($0.key, $0.value.flatMap { columns(of: $0) })
      }
    }

    /// The columns of `group` whose inputs are none of `removed`.
    func columns(without removed: Set<Int>, group: Int) -> [Int] {
      if isDepthwise { return Array(0..<columns.depth) }
      return (0..<columns.depth).filter { !removed.contains(inputs[group * width + $0 % width]) }
    }
  }

  /// Any other operation that computes each channel apart, such as the products of attention heads.
  struct Passage {
    /// The class of each channel.
    let channels: [Int]
    /// Multiply-accumulates of one channel.
    let unit: Double
  }

  let graph: Graph
  let roles: [OperationID: ChannelRole]
  let layers: [Layer]
  let passages: [Passage]
  /// The classes of the channels of values that may lose all of them though no layer does.
  let slices: [[Int]]
  /// Classes whose channels somebody outside of layers counts on.
  let fixed: Set<Int>
  private let classes: ChannelClasses
  var ids: Set<OperationID> { Set(layers.map(\.id)) }

  init(_ graph: Graph) {
    self.graph = graph
    let axes = ChannelAxes(graph)
    roles = ChannelRole.all(graph, axes)
    classes = ChannelClasses(graph, axes, roles, sharesWeights: true)
    fixed = FixedChannels(graph, roles, classes).roots
    var layers: [Layer] = []
    var passages: [Passage] = []
    var slices: [[Int]] = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      guard let role = roles[id] else { continue }
      switch role {
      case .product, .depthwise:
        if let layer = PrunableLayers.layer(id, role, graph, classes) { layers.append(layer) }
      case .channelwise, .columns:
        guard let channels = classes.roots(node.results[0]) else { continue }
        PrunableLayers.add(node, channels, graph, to: &passages)
      case .paired:
        guard let channels = classes.roots(node.operands[0]) else { continue }
        PrunableLayers.add(node, channels, graph, to: &passages)
      case .slice:
        if let channels = classes.roots(node.results[0]) { slices.append(channels) }
      case .concatenation, .reshape, .opaque: continue
      }
    }
    (self.layers, self.passages, self.slices) = (layers, passages, slices)
  }

  private static func layer(
    _ id: OperationID, _ role: ChannelRole, _ graph: Graph, _ classes: ChannelClasses
  ) -> Layer? {
    let node = graph[id]
    guard node.operands.count <= 3,
      let operation = node.operation as? any LayerWithEpilogue, operation.activation == .none,
      let weights = graph.constant(node.operands[1]), weights.element == .f32,
      node.operands.count < 3 || graph.constant(node.operands[2])?.element == .f32,
      let columns = LayerColumns(node.operation, weights: weights.shape),
      let outputs = classes.roots(node.results[0]), let inputs = classes.roots(node.operands[0])
    else { return nil }
    var isDepthwise = false
    if case .depthwise = role { isDepthwise = true }
    let pairs = isDepthwise ? outputs.count : outputs.count * inputs.count
    return Layer(
      id: id, columns: columns, weights: weights, isDepthwise: isDepthwise, outputs: outputs,
      inputs: inputs, unit: Double(graph.macs(node)) / Double(max(pairs, 1)))
  }

  private static func add(
    _ node: Node, _ channels: [Int], _ graph: Graph, to passages: inout [Passage]
  ) {
    let macs = graph.macs(node)
    guard macs > 0, !channels.isEmpty else { return }
    passages.append(Passage(channels: channels, unit: Double(macs) / Double(channels.count)))
  }

  /// The classes of a value's channels; nil for values that are not followed.
  func roots(_ value: Value) -> [Int]? { classes.roots(value) }

  /// Multiply-accumulates of the whole function.
  var macs: Int { graph.macs }
}

extension ChannelClasses {
  /// The class of each channel of `value`; nil for values that are not followed.
  func roots(_ value: Value) -> [Int]? {
    guard let count = counts[value] else { return nil }
    return (0..<count).compactMap { root(value, $0) }
  }
}

extension Graph {
  /// Multiply-accumulates of one operation.
  func macs(_ node: Node) -> Int {
    node.operation.macs(
      operands: node.operands.map { self[$0] }, results: node.results.map { self[$0] })
  }

  /// Multiply-accumulates of all operations.
  var macs: Int { allOperations().reduce(0) { $0 + macs(self[$1]) } }
}
