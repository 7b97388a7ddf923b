import IR

extension Artifact {
  /// Its figures by key; what several units report is summed.
  var totals: [String: Metric] {
    var totals: [String: Metric] = [:]
    for metric in metrics.flatMap(\.metrics) {
      let sum = (totals[metric.key]?.value ?? 0) + metric.value
      let title = totals[metric.key]?.title ?? metric.title
      totals[metric.key] = Metric(metric.key, title, sum, metric.unit)
    }
    return totals
  }
}
