import IR

/// One model on several targets: what `compare` has to say.
struct ComparisonReport {
  private struct Row {
    let target: String
    let precision: String
    let placed: String
    let accuracy: (correct: Int, total: Int)?
    let fidelity: Fidelity
    let figures: [String: Metric]
    let folder: String
    let results: [[Tensor]]
  }

  let model: String
  let labels: [Int]?
  let expected: [[Tensor]]
  private(set) var notes: [String]
  private var rows: [Row] = []

  /// The figures worth a column, in order, where a target reports them.
  private static let columns: [(key: String, title: String)] = [
    ("cycles", "cycles"), ("sram_bytes", "SRAM"), ("flash_bytes", "flash"), ("ram_bytes", "RAM"),
    ("stack_bytes", "stack"), ("latency_us", "latency"),
  ]

  init(model: String, labels: [Int]?, expected: [[Tensor]], notes: [String]) {
    self.model = model
    self.labels = labels
    self.expected = expected
    self.notes = notes
  }

  /// The folder of a target's artifact: its text without what a file system may dislike.
  static func folderName(_ target: TargetRequest) -> String {
    String(target.text.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
  }

  mutating func add(
    _ lowered: LoweredModel, _ artifact: Artifact, _ folder: String, _ results: [[Tensor]],
    _ measured: [Metric]
  ) {
    var figures: [String: Metric] = [:]
    for metric in artifact.metrics.flatMap(\.metrics) + measured { figures[metric.key] = metric }
    let own = artifact.placements.filter { $0.unit == lowered.target.name }.count
    rows.append(
      Row(
        target: lowered.target.text, precision: lowered.module.isQuantized ? "int8" : "float",
        placed: "\(own) of \(artifact.placements.count)",
        accuracy: labels.map { Fidelity.accuracy(results, labels: $0) },
        fidelity: Fidelity(results, reference: expected), figures: figures, folder: folder,
        results: results))
    for note in lowered.assumptions + artifact.notes where !notes.contains(note) {
      notes.append(note)
    }
  }

  /// Whether all quantised rows gave the same bytes; nil where there are fewer than two.
  private var sameBytes: Bool? {
    let quantised = rows.filter { $0.precision == "int8" }
    guard quantised.count > 1 else { return nil }
    return quantised.dropFirst().allSatisfy { $0.results == quantised[0].results }
  }

  private var quantisedTargets: String {
    rows.filter { $0.precision == "int8" }.map(\.target).joined(separator: ", ")
  }

  func text(_ console: Console) -> String {
    let shown = Self.columns.filter { column in rows.contains { $0.figures[column.key] != nil } }
    var table = Table(
      [
        .init("target"), .init("numbers"), .init("operators", .right), .init("accuracy", .right),
        .init("SQNR", .right), .init("top-1 agrees", .right),
      ] + shown.map { .init($0.title, .right) } + [.init("artifact")])
    let reference = labels.map { Fidelity.accuracy(expected, labels: $0) }
    table.add(
      ["reference", "float", "", Self.share(reference), "", ""] + shown.map { _ in "" }
        + ["(interpreter)"])
    for row in rows {
      let agreement = row.fidelity.topAgreement.map { Format.percent($0) } ?? ""
      table.add(
        [
          row.target, row.precision, row.placed, Self.share(row.accuracy),
          Format.decibels(row.fidelity.signalToNoise), agreement,
        ] + shown.map { column in Self.figure(row.figures[column.key]) } + [row.folder])
    }
    var text = "\(model), \(Format.count(expected.count, "sample"))\n\n" + table.text(console)
    if let sameBytes {
      text += "\nresults of \(quantisedTargets): "
      text += sameBytes ? "the same bytes\n" : "they differ\n"
    }
    guard !notes.isEmpty else { return text }
    text += "\n" + console.bold("assumed and worth knowing") + "\n"
    return text + notes.map { "  - \($0)\n" }.joined()
  }

  private static func share(_ accuracy: (correct: Int, total: Int)?) -> String {
    guard let accuracy, accuracy.total > 0 else { return "" }
    return Format.percent(Double(accuracy.correct) / Double(accuracy.total))
  }

  private static func figure(_ metric: Metric?) -> String {
    guard let metric else { return "" }
    return metric.unit == "cycles"
      ? Format.grouped(Int(metric.value)) : Format.measure(metric.value, metric.unit)
  }

  func json() -> JSON {
    func accuracy(_ value: (correct: Int, total: Int)?) -> JSON {
      guard let value, value.total > 0 else { return .null }
      return .measure(Double(value.correct) / Double(value.total))
    }
    let reference = labels.map { Fidelity.accuracy(expected, labels: $0) }
    return .document([
      ("model", .string(model)), ("samples", .int(expected.count)),
      ("reference", .object([("accuracy", accuracy(reference))])),
      (
        "targets",
        .array(
          rows.map { row in
            .object([
              ("target", .string(row.target)), ("numbers", .string(row.precision)),
              ("accuracy", accuracy(row.accuracy)), ("fidelity", row.fidelity.json),
              (
                "figures",
                .object(
                  row.figures.keys.sorted().map { key in
                    (key, JSON.measure(row.figures[key]?.value ?? 0))
                  })
              ),
              ("output", .string(row.folder)),
            ])
          })
      ),
      ("same_bytes", sameBytes.map { JSON.bool($0) } ?? .null),
      ("notes", .strings(notes)),
    ])
  }
}
