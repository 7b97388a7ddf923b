import IR

/// What a module costs on a target, by the target's own model, without running it.
struct PrunedCost: Sendable {
  static let macs: String = "macs"
  static let weights: String = "parameter_bytes"

  /// By key; what several units report is summed.
  private let figures: [String: Metric]

  init(_ module: Module, _ artifact: Artifact?) {
    let facts = ModelFacts(module)
    var figures = artifact?.totals ?? [:]
    // The figure of all units, which units report in part.
    figures[Self.macs] = Metric(Self.macs, "MACs", Double(facts.macs), "MACs")
    figures[Self.weights] = Metric(
      Self.weights, "weights", Double(facts.parameterBytes), "bytes")
    self.figures = figures
  }

  /// The figure that stands for time: cycles where the target counts them, else
  /// multiply-accumulates.
  var time: Metric { self["cycles"] ?? figures[Self.macs] ?? Metric(Self.macs, "MACs", 0, "MACs") }

  subscript(key: String) -> Metric? { figures[key] }

  subscript(figure: PruneBudget.Figure) -> Metric? {
    figure.keys.lazy.compactMap { figures[$0] }.first
  }

  /// The figures that budgets may limit, by name.
  var known: [PruneBudget.Figure] { PruneBudget.Figure.allCases.filter { self[$0] != nil } }
}
