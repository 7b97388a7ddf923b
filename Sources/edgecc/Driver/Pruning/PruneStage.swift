import IR
import Passes

/// Pruning as one stage of a compilation: how much goes, and whether the target is the better for it.
struct PruneStage: Sendable {
  /// What came of it.
  struct Outcome: Sendable {
    let before: PrunedCost
    let after: PrunedCost
    let macsBefore: Int
    let macsAfter: Int
  }

  let request: PruneRequest
  let session: Session
  let target: TargetRequest
  let backend: any Backend
  /// Whether there is data of what the model will see.
  let hasSamples: Bool
  /// What runs after it.
  var following: [Pipeline] = []

  /// The passes for a ratio; for a budget those that stand in its place before it is known.
  func pipeline() throws -> String {
    switch request.amount {
    case .ratio(let ratio): return try pipeline(ratio)
    case .budget: return try pipeline(PruneStage.largest)
    }
  }

  private func pipeline(_ ratio: Double) throws -> String {
    try request.pipeline(ratio: ratio, hasSamples: hasSamples)
  }

  private static let largest: Double = 0.95

  /// The passes that bring `module` within the budget, or those for the ratio that was asked for.
  ///
  /// - Throws: a `Diagnostic` where no ratio does.
  func pipeline(for module: Module, _ context: PassContext) throws -> String {
    guard case .budget(let budget) = request.amount else { return try pipeline() }
    let whole = cost(of: module, context)
    let known = whole.known
    if let limit = budget.limits.first(where: { !known.contains($0.figure) }) {
      throw Diagnostic.error(
        "--prune-budget \(budget.text): \(target.name) has no model of \(limit.figure.rawValue)",
        help: ["it has \(known.map(\.rawValue).joined(separator: ", "))"])
    }
    if excess(of: whole, budget) == nil { return try pipeline(0) }
    // Weights alone choose channels quickly; what they leave costs what any other choice costs.
    func trial(_ ratio: Double) throws -> PrunedCost {
      let text = prunePipeline(
        ratio: ratio, multiple: request.multiple, importance: .l2, scope: request.scope, refits: false)
      var pruned = module
      var quiet = PassContext(constraints: backend.constraints)
      try PassManager(session.registry).run(Pipeline(parsing: text), on: &pruned, &quiet)
      return cost(of: pruned, context)
    }
    var (low, high) = (0.0, PruneStage.largest)
    if let excess = excess(of: try trial(high), budget) {
      throw Diagnostic.error(
        "--prune-budget \(budget.text): pruned as far as it goes the model has \(excess)",
        help: ["allow more, or begin with a smaller model"])
    }
    while high - low > PruneStage.step {
      let middle = (low + high) / 2
      if excess(of: try trial(middle), budget) == nil { high = middle } else { low = middle }
    }
    return try pipeline((high * 1000).rounded(.up) / 1000)
  }

  /// How closely the ratio for a budget is found.
  private static let step: Double = 0.01

  /// The first figure that is over its limit, as text.
  private func excess(of cost: PrunedCost, _ budget: PruneBudget) -> String? {
    for limit in budget.limits {
      guard let found = cost[limit.figure], found.value > limit.value else { continue }
      let text = Format.measure(found.value, found.unit)
      return limit.figure.isBytes ? "\(text) of \(limit.figure.rawValue)" : text
    }
    return nil
  }

  /// What `module`, which is not made ready for the target yet, will cost there. Where the target
  /// does not take it, multiply-accumulates are all that is known.
  private func cost(of module: Module, _ context: PassContext) -> PrunedCost {
    var module = module
    // What numbers are rounded to does not change what they cost.
    var quiet = PassContext(
      constraints: backend.constraints, calibration: Array(context.calibration.prefix(1)))
    if quiet.calibration.isEmpty, let samples = try? SyntheticData.samples(module.interface) {
      quiet.calibration = Array(samples.prefix(1))
    }
    do {
      for pipeline in following {
        try PassManager(session.registry).run(pipeline, on: &module, &quiet)
      }
      return PrunedCost(module, try backend.emit(module, &quiet.log))
    } catch {
      return PrunedCost(module, nil)
    }
  }

  /// Compares what the target makes of the model before and after.
  ///
  /// - Throws: a `Diagnostic` where pruning does not make it cheaper.
  func check(
    _ before: Module, _ after: Module, _ context: PassContext
  ) throws -> Outcome {
    let outcome = Outcome(
      before: cost(of: before, context), after: cost(of: after, context),
      macsBefore: ModelFacts(before).macs, macsAfter: ModelFacts(after).macs)
    if case .budget(let budget) = request.amount, let excess = excess(of: outcome.after, budget) {
      throw Diagnostic.error(
        "--prune-budget \(budget.text): the pruned model has \(excess)",
        help: ["ask for a little less than what there is room for"])
    }
    let (old, new) = (outcome.before.time, outcome.after.time)
    guard outcome.macsAfter < outcome.macsBefore, new.value >= old.value else { return outcome }
    throw Diagnostic.error(
      "pruning does not make the model faster on \(target.text): \(figure(old)) before, "
        + "\(figure(new)) after, with \(outcome.macsBefore - outcome.macsAfter) of "
        + "\(outcome.macsBefore) multiply-accumulates gone",
      help: [
        "remove more: a larger --prune",
        multipleHint,
      ])
  }

  private var multipleHint: String {
    "keep channels in multiples of what the target computes at once: --prune-multiple "
      + "\(backend.channelMultiple)"
  }

  private func figure(_ metric: Metric) -> String {
    Format.measure(metric.value, metric.unit)
  }

  /// Says so where there is nothing to measure or to fit on.
  func warn(_ log: inout DiagnosticLog) {
    guard !hasSamples else { return }
    log.append(
      .warning(
        "without samples, pruning goes by the size of weights and re-fits nothing: accuracy suffers",
        help: ["give some of what the model will see with --calibration FILE.npz"]))
  }

  private var reason: String {
    guard case .budget(let budget) = request.amount else { return "" }
    return ": the model is within the budget \(budget.text) as it is"
  }

  /// Says so where much less is won than multiply-accumulates are lost.
  func warn(_ outcome: Outcome, _ log: inout DiagnosticLog) {
    let lost = 1 - Double(outcome.macsAfter) / Double(max(outcome.macsBefore, 1))
    let won = 1 - outcome.after.time.value / max(outcome.before.time.value, 1)
    guard lost > 0, won < PruneStage.worthwhile * lost else { return }
    log.append(
      .warning(
        "pruning takes \(Format.percent(lost)) of the multiply-accumulates but only "
          + "\(Format.percent(won)) of the \(outcome.after.time.unit) on \(target.text): "
          + "\(figure(outcome.before.time)) before, \(figure(outcome.after.time)) after",
        help: [multipleHint]))
  }

  /// The part of the multiply-accumulates lost that the cost should fall by.
  private static let worthwhile: Double = 0.25

  /// What came of it, for people.
  func summary(_ outcome: Outcome) -> String {
    let (old, new) = (outcome.before.time, outcome.after.time)
    if outcome.macsAfter == outcome.macsBefore { return "pruned nothing\(reason)" }
    var text = "pruned: \(Format.grouped(outcome.macsBefore)) MACs before, "
    text += "\(Format.grouped(outcome.macsAfter)) after"
    if old.unit == "cycles" {
      text += "; \(Format.grouped(Int(old.value))) cycles on \(target.name) before, "
      text += "\(Format.grouped(Int(new.value))) after"
    }
    if !hasSamples { text += "; by the weights alone, nothing was re-fitted" }
    return text
  }
}

extension PruneStage.Outcome {
  /// Both figures, for programs.
  var json: JSON {
    .object([
      ("macs_before", .int(macsBefore)), ("macs_after", .int(macsAfter)),
      ("cost", .string(after.time.key)), ("cost_before", .int(Int(before.time.value))),
      ("cost_after", .int(Int(after.time.value))),
    ])
  }
}
