import IR

/// What a target's own model says that an artifact costs: the figures that it gives, the weightiest
/// first, compared in that order. What runs elsewhere is in no figure of the target's, so that it
/// comes before them all.
struct ModelledCost: Comparable, Sendable {
  /// Time, then memory that is paid for per device, then memory that is shared.
  private static let keys: [String] = [
    "cycles", "flash_bytes", "weight_bytes", "ram_bytes", "sram_bytes", "arena_bytes",
  ]

  let metrics: [Metric]

  init(_ artifact: Artifact) {
    let totals = artifact.totals
    let figures = ModelledCost.keys.compactMap { totals[$0] }
    let elsewhere = artifact.placements.filter { $0.reason != nil }.count
    metrics = [Metric("elsewhere", "operations elsewhere", Double(elsewhere))] + figures
  }

  static func < (a: ModelledCost, b: ModelledCost) -> Bool {
    for (mine, other) in zip(a.metrics, b.metrics) where mine.value != other.value {
      return mine.value < other.value
    }
    return false
  }

  static func == (a: ModelledCost, b: ModelledCost) -> Bool {
    a.metrics.map(\.value) == b.metrics.map(\.value)
  }

  /// The two weightiest figures that are not 0.
  var text: String {
    let shown = metrics.filter { $0.value != 0 }.prefix(2)
    return shown.map { metric in
      let value = Format.measure(metric.value, metric.unit)
      return metric.title == metric.unit ? value : "\(value) \(metric.title)"
    }.joined(separator: ", ")
  }

  var json: JSON { .object(metrics.map { ($0.key, .measure($0.value)) }) }
}
