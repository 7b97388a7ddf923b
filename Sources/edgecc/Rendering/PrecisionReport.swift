import IR
import Passes

/// What a search for precision has to say.
struct PrecisionReport {
  let outcome: PrecisionSearch.Outcome
  let model: String

  /// The most harmful operations that are listed.
  private static let listed: Int = 12

  func text(_ console: Console) -> String {
    summary(console) + sensitivities(console)
  }

  private func summary(_ console: Console) -> String {
    var table = Table([.init("accuracy"), .init(""), .init("right"), .init("cost")])
    let total = outcome.float.score.total
    let needed = Int((outcome.floor * Double(total) - 1e-9).rounded(.up))
    table.add(["asked", Format.percent(outcome.floor), "\(needed) of \(total)"])
    add("float", outcome.float, &table)
    add("all in 8 bits", outcome.int8, &table)
    if !outcome.raised.isEmpty { add("chosen", outcome.best, &table) }
    var text = "\n" + table.text(console)
    for line in conclusion { text += line + "\n" }
    return text
  }

  private func add(_ title: String, _ candidate: PrecisionSearch.Candidate, _ table: inout Table) {
    let score = candidate.score
    table.add([
      title, Format.percent(score.accuracy), "\(score.correct) of \(score.total)",
      candidate.cost?.text ?? "",
    ])
  }

  /// What was found, or what binds.
  private var conclusion: [String] {
    let tried = Format.count(outcome.tried, "recipe") + " tried"
    if outcome.isMet {
      if outcome.raised.isEmpty { return ["8 bits everywhere keep the floor; \(tried)"] }
      let total = Format.count(outcome.sensitivities.count, "operation")
      let counts = Dictionary(grouping: outcome.raised) { $0.precision.rawValue }
        .map { "\($0.value.count) in \($0.key)" }.sorted().joined(separator: ", ")
      return ["of \(total), \(counts), the rest in int8; \(tried)"] + refusals
    }
    let best = Format.percent(outcome.best.score.accuracy)
    if !outcome.float.score.reaches(outcome.floor) {
      return [
        "the model itself is the limit: in float it reaches "
          + "\(Format.percent(outcome.float.score.accuracy)) on this data; train it further, prune "
          + "less, or ask for less"
      ]
    }
    return ["no precision that the target takes keeps the floor: \(best) came nearest; \(tried)"]
      + refusals
  }

  private var refusals: [String] {
    outcome.refused.map { "\($0.precision.rawValue) was not an answer: \($0.reason)" }
  }

  private func sensitivities(_ console: Console) -> String {
    guard !outcome.sensitivities.isEmpty else { return "" }
    var table = Table([
      .init("alone in 8 bits"), .init("operation"), .init("SQNR", .right), .init("loss", .right),
      .init("accuracy", .right), .init("becomes"),
    ])
    let raised = Dictionary(
      outcome.raised.map { ($0.node, $0.precision) }, uniquingKeysWith: { first, _ in first })
    for entry in outcome.sensitivities.prefix(PrecisionReport.listed) {
      table.add([
        Format.clipped(entry.node, 40), entry.mnemonic,
        Format.decibels(entry.score.fidelity.signalToNoise), Format.short(entry.score.loss),
        Format.percent(entry.score.accuracy), (raised[entry.node] ?? .int8).rawValue,
      ])
    }
    let rest = outcome.sensitivities.count - PrecisionReport.listed
    return "\n" + table.text(console) + (rest > 0 ? "and \(Format.grouped(rest)) less so\n" : "")
  }

  func json() -> JSON {
    let raised = outcome.raised.map {
      JSON.object([("node", .string($0.node)), ("precision", .string($0.precision.rawValue))])
    }
    let sensitivities = outcome.sensitivities.map { entry in
      JSON.object([
        ("node", .string(entry.node)), ("operation", .string(entry.mnemonic)),
        ("alone", entry.score.json),
      ])
    }
    return .object([
      ("model", .string(model)), ("floor", .measure(outcome.floor)), ("met", .bool(outcome.isMet)),
      ("float", outcome.float.score.json), ("int8", outcome.int8.score.json),
      ("chosen", outcome.best.score.json), ("cost", outcome.best.cost?.json ?? .null),
      ("recipe", .string(outcome.best.recipe.text)), ("raised", .array(raised)),
      ("sensitivities", .array(sensitivities)), ("recipes_tried", .int(outcome.tried)),
      (
        "refused",
        .array(
          outcome.refused.map {
            .object([
              ("precision", .string($0.precision.rawValue)), ("reason", .string($0.reason)),
            ])
          })
      ),
    ])
  }
}
