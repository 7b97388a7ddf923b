import IR

/// A layer or a normalisation whose result only layers read, so that a factor per channel can move
/// between them.
struct ChannelLink {
  /// The producer's result, channels last.
  let value: Value
  let producer: OperationID
  let readers: [OperationID]

  /// nil where no factor can move: `id` is no layer that ends in a ReLU, or something else reads it.
  init?(_ id: OperationID, _ graph: Graph) {
    let node = graph[id]
    guard ChannelLink.isLayer(node, graph), let clamping = node.operation as? any Clamping,
      clamping.minimum == 0, clamping.maximum == .infinity
    else { return nil }
    self.init(producer: id, graph)
  }

  /// nil where `id` is no normalisation of the last axis with constants of its own, or something else
  /// than layers reads it.
  init?(norm id: OperationID, _ graph: Graph) {
    let node = graph[id]
    guard let norm = node.operation as? LayerNorm, let width = graph[node.results[0]].shape.dimensions.last,
      norm.axis == -1 || norm.axis == graph[node.results[0]].rank - 1
    else { return nil }
    let constants = node.operands.dropFirst().map { graph.constant($0) }
    guard constants.allSatisfy({ $0?.element == .f32 && $0?.count == width }) else { return nil }
    self.init(producer: id, graph)
  }

  private init?(producer id: OperationID, _ graph: Graph) {
    let node = graph[id]
    var readers: [OperationID] = []
    guard ChannelLink.collect(node.results[0], graph, &readers), !readers.isEmpty else { return nil }
    value = node.results[0]
    producer = id
    self.readers = readers
  }

  /// A product of float weights that nobody else uses with a bias that is constant.
  private static func isLayer(_ node: Node, _ graph: Graph) -> Bool {
    guard let layer = node.operation as? any LayerWithEpilogue, layer.activation == .none,
      node.operands.count <= 3
    else { return false }
    return node.operands.dropFirst().allSatisfy {
      graph.constant($0)?.element == .f32
    }
  }

  /// The layers behind `value`, past what keeps channels apart and commutes with a factor; false
  /// where anything else reads it.
  private static func collect(
    _ value: Value, _ graph: Graph, _ readers: inout [OperationID]
  ) -> Bool {
    for use in graph.uses(of: value) {
      guard case .operand(let id, let index) = use, index == 0 else { return false }
      let node = graph[id]
      if isLayer(node, graph) {
        if (node.operation as? Conv2D).map({ $0.groups != 1 }) ?? false { return false }
        if !readers.contains(id) { readers.append(id) }
      } else {
        guard carries(node, graph), collect(node.results[0], graph, &readers) else { return false }
      }
    }
    return true
  }

  private static func carries(_ node: Node, _ graph: Graph) -> Bool {
    let input = graph[node.operands[0]]
    switch node.operation {
    case is MaxPool2D, is AveragePool2D: return true
    case let mean as ReduceMean:
      return !mean.axes.contains { $0 == -1 || $0 == input.rank - 1 } && !mean.axes.isEmpty
    case is Reshape:
      // Channels stay last, or end up as the fastest part of the last axis.
      let (from, to) = (input.shape, graph[node.results[0]].shape)
      guard let channels = from.dimensions.last, let last = to.dimensions.last, channels > 0 else {
        return false
      }
      return last % channels == 0
    case let pad as Pad: return pad.mode == .constant && pad.value == 0 && node.operands.count == 1
    default: return false
    }
  }

  /// Moves the factors that a saved calibration has for `links`.
  ///
  /// - Throws: a `Diagnostic` where they are of another model.
  static func replay(
    _ links: [ChannelLink], _ record: CalibrationRecord, _ labels: ValueLabels,
    _ rewriter: inout Rewriter
  ) throws {
    let graph = rewriter.graph
    for link in links {
      guard let known = record.channels.first(where: { $0.value == labels[link.value] }) else {
        continue
      }
      guard known.factors.count == graph[link.value].shape.dimensions.last else {
        throw Diagnostic.error(
          "the saved calibration has \(known.factors.count) factors for '\(known.value)', which is "
            + "\(graph[link.value])", help: ["calibrate again with samples"])
      }
      link.apply(known.factors, &rewriter)
    }
  }

  /// Multiplies the producer's outputs by `scales` and divides the readers' inputs by them.
  func apply(_ scales: [Float], _ rewriter: inout Rewriter) {
    scaleOutputs(scales, &rewriter)
    for reader in readers { divideInputs(of: reader, scales, &rewriter) }
  }

  private func scaleOutputs(_ scales: [Float], _ rewriter: inout Rewriter) {
    let node = rewriter.graph[producer]
    if node.operation is LayerNorm {
      for operand in 1..<node.operands.count {
        replaceConstant(operand, of: producer, &rewriter) { elements, _ in
          for index in elements.indices { elements[index] *= scales[index] }
        }
      }
      return
    }
    let isDepthwise = node.operation is DepthwiseConv2D
    replaceConstant(1, of: producer, &rewriter) { elements, shape in
      let inner = isDepthwise ? 1 : elements.count / shape[0]
      for index in elements.indices { elements[index] *= scales[index / inner % scales.count] }
    }
    if node.operands.count > 2 {
      replaceConstant(2, of: producer, &rewriter) { elements, _ in
        for index in elements.indices { elements[index] *= scales[index] }
      }
    }
  }

  private func divideInputs(
    of reader: OperationID, _ scales: [Float], _ rewriter: inout Rewriter
  ) {
    let isDepthwise = rewriter.graph[reader].operation is DepthwiseConv2D
    replaceConstant(1, of: reader, &rewriter) { elements, shape in
      // A depthwise layer has `multiplier` outputs per input, all others the input channel last.
      let repeats = isDepthwise ? shape[3] / scales.count : 1
      for index in elements.indices { elements[index] /= scales[index / repeats % scales.count] }
    }
  }

  private func replaceConstant(
    _ operand: Int, of id: OperationID, _ rewriter: inout Rewriter,
    _ change: (inout [Float], Shape) -> Void
  ) {
    let value = rewriter.graph[id].operands[operand]
    guard let tensor = rewriter.graph.constant(value) else { return }
    var elements = tensor.floats()
    change(&elements, tensor.shape)
    let changed = rewriter.constant(
      Tensor(tensor.shape, elements), name: rewriter.graph.name(of: value))
    rewriter.setOperand(operand, of: id, to: changed)
  }
}
