import IR

/// Moves what makes channels of normalised activations hard to quantise into the weights of the layers
/// that read them, so that results stay the same.
///
/// ```
/// %1 = layer_norm(%0, @g, @b)             %1 = layer_norm(%0, @g/s, @b/s)
/// %2 = fully_connected(%1, @w, @c)   →    %2 = fully_connected(%1, @w·s, @c)
/// ```
/// Exact but for rounding. Channel j is divided by sⱼ = max|Xⱼ|^α / max|Wⱼ|^(1−α), Wⱼ being what all
/// readers multiply it with: α = 0.5 shares the difficulty equally.
///
/// Source: G. Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large
/// Language Models", 2023, equation 4.
public struct SmoothActivations: Pass {
  public static let name = "smooth-activations"
  public static let summary = "moves the channels' ranges behind normalisations into the weights"
  public static let usesCalibration: Bool = true
  public static let options: [PassOption] = [
    PassOption(
      "strength", .number, default: "0.5", help: "0 evens out the weights, 1 the activations")
  ]

  private let strength: Double

  public init(options: PassOptions) throws {
    strength = try options.number("strength")
    guard (0...1).contains(strength) else {
      throw Diagnostic.error("pass 'smooth-activations': option 'strength' lies in 0...1")
    }
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    let graph = rewriter.graph
    let links = graph.allOperations().compactMap { ChannelLink(norm: $0, graph) }
      .filter { isPlain($0, graph) }
    guard !links.isEmpty else { return }
    let labels = ValueLabels(graph)
    guard !context.record.isReplayed else {
      return try ChannelLink.replay(links, context.record, labels, &rewriter)
    }
    guard !context.calibration.isEmpty else { return }
    let magnitudes = try ChannelMagnitudes(
      Function(name: context.functionName, graph: graph), context.calibration,
      of: Set(links.map(\.value)), context)
    for link in links {
      guard let activations = magnitudes[link.value] else { continue }
      let weights = self.weights(link, graph, channels: activations.count)
      let factors = zip(activations, weights).map { factor($0, $1) }
      guard factors.contains(where: { $0 != 1 }) else { continue }
      context.record.channels.append(
        CalibrationRecord.Channels(value: labels[link.value], factors: factors))
      link.apply(factors, &rewriter)
    }
  }

  /// Readers of a matrix of weights, whose columns are the channels or repeat them.
  private func isPlain(_ link: ChannelLink, _ graph: Graph) -> Bool {
    link.readers.allSatisfy { graph[$0].operation is FullyConnected }
  }

  /// The largest magnitude of what each channel is multiplied with.
  private func weights(_ link: ChannelLink, _ graph: Graph, channels: Int) -> [Float] {
    var largest = [Float](repeating: 0, count: channels)
    for reader in link.readers {
      let tensor = graph.constant(graph[reader].operands[1])
      for (place, weight) in (tensor?.floats() ?? []).enumerated() {
        largest[place % channels] = max(largest[place % channels], weight.magnitude)
      }
    }
    return largest
  }

  /// `1 / sⱼ`; 1 for a channel that is never there or never read.
  private func factor(_ activation: Float, _ weight: Float) -> Float {
    guard activation > 0, weight > 0 else { return 1 }
    let range = power(Double(activation), strength)
    return Float(power(Double(weight), 1 - strength) / range)
  }
}
