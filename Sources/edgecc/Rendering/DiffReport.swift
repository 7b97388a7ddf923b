import IR

/// What `diff` has to say.
struct DiffReport {
  let before: LoadedModel
  let after: LoadedModel
  let diff: ModelDiff
  /// What both went through first; empty where they are compared as imported.
  let pipeline: String
  /// Whether that was asked for.
  let isAsked: Bool
  /// Results on seeded inputs; nil where nothing was run.
  let run: Run?
  let showsAll: Bool

  struct Run: Sendable {
    let samples: Int
    let seed: UInt64
    /// nil where the models cannot be run on the same inputs, for the reason given.
    let fidelity: Fidelity?
    let reason: String
  }

  private static let shownRows: Int = 20

  func text(_ console: Console) -> String {
    var text = cost(console)
    text += section("interface", interfaceTable, console)
    text += lone("only in \(titles.before)", "-", diff.removed, console, Console.red)
    text += lone("only in \(titles.after)", "+", diff.added, console, Console.green)
    text += section("changed", changeTable, console)
    text += section("weights", weightTable, console)
    text += section("quantisation", driftTable, console)
    if let run { text += "\n" + runText(run) }
    return text + "\n" + verdict(console) + "\n"
  }

  /// The files' names, with as many folders as it takes to tell them apart.
  private var titles: (before: String, after: String) {
    let (x, y) = (before.path.split(separator: "/"), after.path.split(separator: "/"))
    for count in 1...3 {
      let (old, new) = (x.suffix(count), y.suffix(count))
      if old != new { return (old.joined(separator: "/"), new.joined(separator: "/")) }
    }
    return ("before", "after")
  }

  // MARK: Cost

  private func cost(_ console: Console) -> String {
    var table = Table([
      .init(""), .init(titles.before, .right), .init(titles.after, .right),
      .init("change", .right),
    ])
    for row in costRows {
      table.add([
        row.title, Format.grouped(row.before), Format.grouped(row.after),
        DiffReport.change(row.before, row.after),
      ])
    }
    var text = table.text(console)
    if !pipeline.isEmpty {
      let reason =
        isAsked
        ? "" : ", as their formats or numbers differ (--no-passes compares them as imported)"
      text += "both after the standard passes\(reason)\n"
    }
    return text
  }

  var costRows: [(key: String, title: String, before: Int, after: Int)] {
    let (a, b) = (ModelFacts(before.module), ModelFacts(after.module))
    return [
      ("operations", "operations", a.operationCount, b.operationCount),
      ("macs", "MACs", a.macs, b.macs),
      ("parameters", "parameters", a.parameterCount, b.parameterCount),
      ("parameter_bytes", "bytes of parameters", a.parameterBytes, b.parameterBytes),
      ("file_bytes", "bytes of the file", before.byteCount, after.byteCount),
    ]
  }

  private static func change(_ before: Int, _ after: Int) -> String {
    if before == after { return "" }
    guard before != 0 else { return "+\(Format.grouped(after))" }
    let share = Double(after - before) / Double(before)
    return (share > 0 ? "+" : "") + Format.fixed(share * 100, 1) + " %"
  }

  // MARK: Sections

  private func section(_ title: String, _ table: (table: Table, count: Int), _ console: Console)
    -> String
  {
    guard table.count > 0 else { return "" }
    var text = "\n" + console.bold(title) + "\n" + table.table.text(indentation: 2, console)
    let shown = showsAll ? table.count : DiffReport.shownRows
    if table.count > shown { text += "  and \(table.count - shown) more (--all)\n" }
    return text
  }

  private func rows<T>(_ items: [T]) -> ArraySlice<T> {
    showsAll ? items[...] : items.prefix(DiffReport.shownRows)
  }

  private var interfaceTable: (Table, Int) {
    var table = Table([.init(""), .init("before"), .init("after")])
    for change in rows(diff.interface) {
      table.add([DiffReport.title(change), change.before, change.after])
    }
    return (table, diff.interface.count)
  }

  private static func title(_ change: ModelDiff.Change) -> String {
    change.property == "made by" ? "\(change.node) is made by" : change.node
  }

  private var changeTable: (Table, Int) {
    var table = Table([
      .init("node"), .init("operation"), .init("what"), .init("before"), .init("after"),
    ])
    for change in rows(diff.changes) {
      table.add([
        Format.clipped(change.node, 48), change.mnemonic, change.property, change.before,
        change.after,
      ])
    }
    return (table, diff.changes.count)
  }

  private var weightTable: (Table, Int) {
    var table = Table([
      .init("node"), .init("constant"), .init("changed", .right), .init("largest change", .right),
      .init("relative", .right), .init("type"),
    ])
    let sorted = diff.weights.enumerated().sorted { x, y in
      let (p, q) = (x.element.relative ?? .infinity, y.element.relative ?? .infinity)
      return p != q ? p > q : x.offset < y.offset
    }.map(\.element)
    for change in rows(sorted) {
      let name = change.name.isEmpty ? "operand \(change.operand)" : change.name
      table.add([
        Format.clipped(change.node, 40), Format.clipped(name, 40), DiffReport.share(change),
        change.largest.map { Format.short($0) } ?? "other shape",
        change.relative.map { DiffReport.share($0) } ?? "", DiffReport.types(change),
      ])
    }
    return (table, diff.weights.count)
  }

  private static func share(_ change: WeightChange) -> String {
    guard let changed = change.changed else { return "" }
    return "\(Format.grouped(changed)) of \(Format.grouped(change.count))"
  }

  /// In per cent where that shows anything.
  private static func share(_ fraction: Double) -> String {
    fraction == 0 || fraction >= 1e-4 ? Format.percent(fraction) : Format.short(fraction)
  }

  private static func types(_ change: WeightChange) -> String {
    let (old, new) = (change.before, change.after)
    if old.shape != new.shape { return "[\(old.shape)] to [\(new.shape)]" }
    let (x, y) = (name(old), name(new))
    return x == y ? x : "\(x) to \(y)"
  }

  private static func name(_ type: TensorType) -> String {
    guard let quantization = type.quantization else { return type.element.rawValue }
    return type.element.rawValue + (quantization.isPerAxis ? " per axis" : " per tensor")
  }

  private var driftTable: (Table, Int) {
    var table = Table([
      .init("node"), .init("before"), .init("after"), .init("scale changes by", .right),
    ])
    for drift in rows(diff.drifts) {
      table.add([
        Format.clipped(drift.node, 48), DiffReport.text(drift.before),
        DiffReport.text(drift.after), drift.scaleChange.map { Format.percent($0) } ?? "",
      ])
    }
    return (table, diff.drifts.count)
  }

  private static func text(_ quantization: Quantization?) -> String {
    guard let quantization else { return "float" }
    guard let axis = quantization.axis else {
      return "scale \(quantization.scale), zero point \(quantization.zeroPoint)"
    }
    return "\(quantization.scales.count) scales along axis \(axis)"
  }

  private func lone(
    _ title: String, _ sign: String, _ list: [ModelDiff.Lone], _ console: Console,
    _ paint: (Console) -> (String) -> String
  ) -> String {
    guard !list.isEmpty else { return "" }
    var table = Table([.init(""), .init("node"), .init("operation"), .init("result")])
    for item in rows(list) {
      table.add([sign, Format.clipped(item.node, 48), item.mnemonic, item.type])
    }
    var text = "\n" + paint(console)(title) + "\n" + table.text(indentation: 2, console)
    let hidden = list.count - rows(list).count
    if hidden > 0 { text += "  and \(hidden) more (--all)\n" }
    return text
  }

  // MARK: Verdict

  private func runText(_ run: Run) -> String {
    guard let fidelity = run.fidelity else { return "not run: \(run.reason)\n" }
    let samples = "\(Format.count(run.samples, "sample")) of seed \(run.seed)"
    if fidelity.isExact { return "results on \(samples): the same\n" }
    return "results on \(samples): largest error \(Format.short(fidelity.maximumError)), "
      + "SQNR \(Format.decibels(fidelity.signalToNoise))\n"
  }

  private func verdict(_ console: Console) -> String {
    let matched = Format.count(diff.matchedCount, "operation") + " matched"
    let names = diff.renamed.isEmpty
      ? "" : ", \(Format.grouped(diff.renamed.count)) under other names"
    if diff.isSame { return console.green("same") + ": \(matched)\(names)" }
    var parts: [String] = []
    func add(_ count: Int, _ noun: String) {
      if count > 0 { parts.append("\(Format.grouped(count)) \(noun)") }
    }
    add(diff.removed.count, "removed")
    add(diff.added.count, "added")
    add(Set(diff.changes.map(\.node)).count, "changed")
    add(diff.weights.count, "with other weights")
    add(diff.drifts.count, "quantised otherwise")
    add(diff.interface.count, "at the interface")
    return console.red("different") + ": \(matched)\(names); \(parts.joined(separator: ", "))"
  }
}
