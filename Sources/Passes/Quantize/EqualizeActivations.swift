import IR

/// Scales channels of activations so that they use the steps of a common range better; the layers
/// that read them divide the scale out again, so results stay the same.
///
/// ```
/// %1 = conv2d(%0, @w, @b) {minimum = 0}        %1 = conv2d(%0, @w·s, @b·s) {minimum = 0}
/// %2 = max_pool2d(%1)                      →   %2 = max_pool2d(%1)
/// %3 = fully_connected(%2, @v, @c)             %3 = fully_connected(%2, @v/s, @c)
/// ```
/// Exact but for rounding where the activation commutes with positive factors, as ReLU does. A
/// channel of range rᵢ is scaled by (M/rᵢ)^α with M the largest range: α = 0.5 leaves the weights of
/// the readers room, too.
///
/// Source: the idea of cross-layer equalisation, M. Nagel et al., "Data-Free Quantization Through
/// Weight Equalization and Bias Correction", 2019, section 4.1, applied to activations.
public struct EqualizeActivations: Pass {
  public static let name = "equalize-activations"
  public static let summary = "scales channels so that they share the steps of a common range better"
  public static let usesCalibration: Bool = true
  public static let options: [PassOption] = [
    PassOption(
      "strength", .number, default: "0.5", help: "0 leaves channels alone, 1 makes ranges equal")
  ]

  private let strength: Double

  public init(options: PassOptions) throws {
    strength = try options.number("strength")
    guard (0...1).contains(strength) else {
      throw Diagnostic.error("pass 'equalize-activations': option 'strength' lies in 0...1")
    }
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let isReplayed = context.record.isReplayed
    guard !context.calibration.isEmpty || isReplayed, strength > 0 else { return }
    let graph = rewriter.graph
    let links = graph.allOperations().compactMap { ChannelLink($0, graph) }
    guard !links.isEmpty else { return }
    let labels = ValueLabels(graph)
    if isReplayed {
      for link in links {
        guard let known = context.record.channels.first(where: { $0.value == labels[link.value] })
        else { continue }
        guard known.factors.count == graph[link.value].shape.dimensions.last else {
          throw Diagnostic.error(
            "the saved calibration has \(known.factors.count) factors for '\(known.value)', which is "
              + "\(graph[link.value])", help: ["calibrate again with samples"])
        }
        link.apply(known.factors, &rewriter)
      }
      return
    }
    let samples = SampleOrder.canonical(context.calibration)
    let function = Function(name: context.functionName, graph: graph)
    let statistics = try Statistics(function, samples, .channels, context)
    for link in links {
      guard let channels = statistics[link.value]?.channels else { continue }
      let scales = self.scales(channels)
      guard scales.contains(where: { $0 != 1 }) else { continue }
      context.record.channels.append(
        CalibrationRecord.Channels(value: labels[link.value], factors: scales))
      link.apply(scales, &rewriter)
    }
  }

  /// One factor per channel, at least 1.
  private func scales(_ channels: ChannelStatistics) -> [Float] {
    let largest = channels.maximum.max() ?? 0
    guard largest > 0 else { return channels.maximum.map { _ in 1 } }
    return channels.maximum.indices.map { index in
      // What was hardly ever seen may well be larger than it was seen.
      let seen = Double(channels.maximum[index]) * 1.1
      let likely = channels.mean(index) + 8 * channels.deviation(index)
      let range = min(max(seen, likely), Double(largest))
      return range > 0 ? Float(power(Double(largest) / range, strength)) : 1
    }
  }
}

/// A layer whose result only other layers read, so that a factor per channel can move between them.
private struct ChannelLink {
  /// The layer's result, channels last.
  let value: Value
  private let producer: OperationID
  private let readers: [OperationID]

  init?(_ id: OperationID, _ graph: Graph) {
    let node = graph[id]
    guard ChannelLink.isLayer(node, graph), let clamping = node.operation as? any Clamping,
      clamping.minimum == 0, clamping.maximum == .infinity
    else { return nil }
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

  /// Multiplies the producer's outputs by `scales` and divides the readers' inputs by them.
  func apply(_ scales: [Float], _ rewriter: inout Rewriter) {
    scaleOutputs(scales, &rewriter)
    for reader in readers { divideInputs(of: reader, scales, &rewriter) }
  }

  private func scaleOutputs(_ scales: [Float], _ rewriter: inout Rewriter) {
    let node = rewriter.graph[producer]
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
