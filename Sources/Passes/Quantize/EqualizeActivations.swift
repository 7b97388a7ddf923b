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
      try ChannelLink.replay(links, context.record, labels, &rewriter)
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
