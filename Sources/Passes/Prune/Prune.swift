import IR

/// Removes channels that matter least, and re-fits what is left to what the layers computed before:
/// closed-form, on calibration samples, without training.
///
/// Channels that stand or fall together are one group (`ChannelClasses`). Groups are ranked by what
/// their readers lose when the other channels make up for them as well as they can (Optimal Brain
/// Surgeon for blocks of columns), per multiply-accumulate saved. Then every layer is re-fitted by
/// least squares to its own results in the whole model, from inputs as the pruned model has them;
/// that is what keeps accuracy. At last `remove-channels` makes the tensors smaller.
///
/// Sources: B. Hassibi, D. Stork, "Second Order Derivatives for Network Pruning: Optimal Brain
/// Surgeon", 1993; G. Fang et al., "DepGraph: Towards Any Structural Pruning", 2023, for groups.
public struct Prune: Pass {
  public static let name = "prune"
  public static let summary = "removes channels that matter least and re-fits the rest, without training"
  public static let usesCalibration: Bool = true
  public static let options: [PassOption] = [
    PassOption("ratio", .number, default: "0.3", help: "part of the multiply-accumulates to remove"),
    PassOption(
      "multiple", .integer(1...1024), default: "1",
      help: "layers keep a multiple of so many channels where they lose any"),
    PassOption(
      "importance", .choice(ChannelImportance.allCases.map(\.rawValue)),
      default: ChannelImportance.reconstruction.rawValue,
      help: "what decides which channels go"),
    PassOption("refit", .flag, default: "true", help: "re-fit layers by least squares"),
    PassOption(
      "ridge", .number, default: "0.01",
      help: "how strongly re-fitted weights are held to what they were"),
  ]

  private let ratio: Double
  private let multiple: Int
  private let importance: ChannelImportance
  private let refits: Bool
  private let ridge: Float

  public init(options: PassOptions) throws {
    ratio = try options.number("ratio")
    guard ratio >= 0, ratio < 1 else {
      throw Diagnostic.error("pass 'prune': option 'ratio' is at least 0 and less than 1")
    }
    multiple = try options.integer("multiple")
    importance = ChannelImportance(rawValue: try options.text("importance")) ?? .reconstruction
    refits = try options.flag("refit")
    ridge = Float(try options.number("ridge"))
    guard ridge > 0, ridge.isFinite else {
      throw Diagnostic.error("pass 'prune': option 'ridge' is a number above 0")
    }
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    guard ratio > 0 else { return }
    guard !context.calibration.isEmpty else {
      throw Diagnostic.error(
        "pruning needs calibration samples", help: ["give some with --calibration FILE.npz"])
    }
    let graph = rewriter.graph
    guard graph.initialStates.isEmpty,
      graph.allOperations().allSatisfy({ graph[$0].regions.isEmpty }),
      graph.arguments.allSatisfy({ graph[$0].shape.isStatic })
    else {
      throw Diagnostic.unsupported(
        "pruning takes models of known shape without control flow and without states",
        help: ["bind dimensions with --dim, drop states with --reset-states"])
    }
    let layers = PrunableLayers(graph)
    let samples = SampleOrder.canonical(context.calibration)
    let ranking = try ChannelRanking(layers, importance, samples, context)
    let (removed, saved) = ranking.choose(ratio: ratio, multiple: multiple)
    warnIfShort(saved, of: layers.macs, &context)
    guard !removed.isEmpty else { return }
    var refit = LayerRefit(layers, removed, ridge: refits ? ridge : nil)
    try PairedWalk.run(
      graph, samples, layers: layers.ids, &refit, title: "re-fitting", context)
    for layer in layers.layers {
      if let changed = refit.changed[layer.id] { try replace(layer.id, changed, &rewriter) }
    }
    try RemoveChannels(options: PassOptions(of: RemoveChannels.self)).run(on: &rewriter, &context)
  }

  /// Inputs, results and what norms or attention look across hold channels in place.
  private func warnIfShort(_ saved: Double, of macs: Int, _ context: inout PassContext) {
    let reached = saved / Double(max(macs, 1))
    guard reached < ratio - 0.02 else { return }
    func percent(_ part: Double) -> Int { Int((part * 100).rounded()) }
    context.log.append(
      .warning(
        "pruning removes \(percent(reached)) % of the multiply-accumulates, not the "
          + "\(percent(ratio)) % asked for: the other channels hold each other or the interface",
        help: ["-Rpass-analysis=remove-channels tells what each layer keeps"]))
  }

  private func replace(
    _ id: OperationID, _ layer: LayerRefit.Layer, _ rewriter: inout Rewriter
  ) throws {
    let node = rewriter.graph[id]
    let names = node.operands.map { rewriter.graph.name(of: $0) }
    var operands = node.operands
    operands[1] = rewriter.constant(layer.weights, name: names[1])
    let bias = rewriter.constant(layer.bias, name: names.count > 2 ? names[2] : nil)
    if operands.count > 2 { operands[2] = bias } else { operands.append(bias) }
    let result = try rewriter.insertOne(node.operation, operands, before: id, at: node.location)
    rewriter.replace(id, with: [result])
  }
}

/// What decides which channels go.
enum ChannelImportance: String, Sendable, CaseIterable {
  /// What readers lose after the other channels have made up for it.
  case reconstruction
  /// The size of the filters' weights.
  case l1, l2
  /// How much of the readers' results the channel makes up, alone.
  case activation
}
