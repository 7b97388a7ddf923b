import IR

/// Removes channels that matter least, and re-fits what is left to what the layers computed before:
/// closed-form, on calibration samples, without training.
///
/// Channels that stand or fall together are one group (`ChannelClasses`): those of residual sums,
/// of a depthwise layer's input and output, of a whole attention head, of a recurrent unit in all of
/// its gates and steps. Groups are ranked by what their readers lose when the other channels make up
/// for them as well as they can (Optimal Brain Surgeon for blocks of columns), per
/// multiply-accumulate saved. Then the layers that miss something are re-fitted by least squares to
/// their own results in the whole model, from inputs as the pruned model has them; that is what
/// keeps accuracy. At last `remove-channels` makes the tensors smaller.
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
    PassOption(
      "scope", .choice(ChannelScope.allCases.map(\.rawValue)),
      default: ChannelScope.global.rawValue,
      help: "weigh all channels against each other, or take the same part of every layer"),
    PassOption("refit", .flag, default: "true", help: "re-fit layers by least squares"),
    PassOption(
      "ridge", .number, default: "0.01",
      help: "how strongly re-fitted weights are held to what they were"),
  ]

  private let ratio: Double
  private let multiple: Int
  private let importance: ChannelImportance
  private let scope: ChannelScope
  private let refits: Bool
  private let ridge: Float

  public init(options: PassOptions) throws {
    ratio = try options.number("ratio")
    guard ratio >= 0, ratio < 1 else {
      throw Diagnostic.error("pass 'prune': option 'ratio' is at least 0 and less than 1")
    }
    multiple = try options.integer("multiple")
    importance = ChannelImportance(rawValue: try options.text("importance")) ?? .reconstruction
    scope = ChannelScope(rawValue: try options.text("scope")) ?? .global
    refits = try options.flag("refit")
    ridge = Float(try options.number("ridge"))
    guard ridge > 0, ridge.isFinite else {
      throw Diagnostic.error("pass 'prune': option 'ridge' is a number above 0")
    }
  }

  public func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    guard ratio > 0 else { return }
    try check(rewriter.graph, context)
    let layers = PrunableLayers(rewriter.graph)
    let samples = SampleOrder.canonical(context.calibration)
    let ranking = try ChannelRanking(layers, importance, scope, samples, context)
    if importance == .batchNorm && !ranking.hasNorms { warnOfFoldedNorms(&context) }
    let removed = ranking.choose(ratio: ratio, multiple: multiple)
    guard !removed.isEmpty else {
      warnIfShort(layers.macs, of: layers.macs, &context)
      return
    }
    let changed = try LayerRefit.layers(
      layers, removed, samples, ridge: refits ? ridge : nil, context)
    tell(layers, removed, &rewriter)
    try LayerReplacement.apply(changed, &rewriter)
    try RemoveChannels(options: PassOptions(of: RemoveChannels.self)).run(on: &rewriter, &context)
    warnIfShort(rewriter.graph.macs, of: layers.macs, &context)
  }

  private func check(_ graph: Graph, _ context: PassContext) throws {
    guard !context.calibration.isEmpty || !refits && !importance.needsSamples else {
      throw Diagnostic.error(
        "pruning needs calibration samples, to tell what matters and to re-fit what stays",
        help: [
          "give some with --calibration FILE.npz",
          "prune{importance=l2,refit=false} goes by the weights alone and loses more accuracy",
        ])
    }
    guard graph.initialStates.isEmpty,
      graph.allOperations().allSatisfy({ graph[$0].regions.isEmpty }),
      graph.arguments.allSatisfy({ graph[$0].shape.isStatic })
    else {
      throw Diagnostic.unsupported(
        "pruning takes models of known shape without control flow and without states",
        help: ["bind dimensions with --dim, drop states with --reset-states"])
    }
  }

  private func warnOfFoldedNorms(_ context: inout PassContext) {
    context.log.append(
      .warning(
        "the model's batch norms are folded into its weights: how much each filter's results vary "
          + "over the samples stands for their scales"))
  }

  /// Inputs, results and what norms or attention look across hold channels in place.
  private func warnIfShort(_ left: Int, of macs: Int, _ context: inout PassContext) {
    let reached = 1 - Double(left) / Double(max(macs, 1))
    guard reached < ratio - 0.02 || left == macs else { return }
    func percent(_ part: Double) -> Int { Int((part * 100).rounded()) }
    let why =
      multiple > 1
      ? "the other channels hold each other or the interface, or are kept in multiples of \(multiple)"
      : "the other channels hold each other or the interface"
    context.log.append(
      .warning(
        "pruning removes \(percent(reached)) % of the multiply-accumulates, not the "
          + "\(percent(ratio)) % asked for: \(why)",
        help: ["-Rpass-analysis=prune tells what each layer keeps"]))
  }

  /// What each layer keeps, as remarks.
  private func tell(
    _ layers: PrunableLayers, _ removed: Set<Int>, _ rewriter: inout Rewriter
  ) {
    for layer in layers.layers {
      let outputs = layer.outputs.count { !removed.contains($0) }
      let inputs = layer.inputs.count { !removed.contains($0) }
      guard outputs < layer.outputs.count || inputs < layer.inputs.count else { continue }
      rewriter.found(
        layer.id, by: Prune.name,
        "keeps \(outputs) of \(layer.outputs.count) outputs, reads \(inputs) of "
          + "\(layer.inputs.count) inputs")
    }
  }
}
