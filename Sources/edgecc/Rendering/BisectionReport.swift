import IR

/// What `opt --bisect` has to say.
struct BisectionReport {
  private let outcome: Bisection.Outcome
  private let model: String

  init(outcome: Bisection.Outcome, _ model: String) {
    self.outcome = outcome
    self.model = model
  }

  func text(_ console: Console) -> String {
    switch outcome {
    case .clean(let rewrites):
      return console.green("no rewrite changes the results") + " of \(model): "
        + "\(Format.count(rewrites, "rewrite"))\n"
    case .culprit(let culprit):
      return console.red("rewrite \(culprit.number)") + " of \(culprit.total) does harm: "
        + "\(culprit.rewrite.text)\n  \(culprit.reason)\n"
        + "  before and after: --stop-after-rewrite \(culprit.number - 1) and \(culprit.number)\n"
    }
  }

  func json() -> JSON {
    switch outcome {
    case .clean(let rewrites):
      return .document([
        ("model", .string(model)), ("rewrites", .int(rewrites)), ("culprit", .null),
      ])
    case .culprit(let culprit):
      let found = JSON.object([
        ("number", .int(culprit.number)), ("rewrite", .string(culprit.rewrite.name)),
        ("pass", .string(culprit.rewrite.pass)),
        ("nodes", .strings(culprit.rewrite.location.nodes.map(\.name))),
        ("reason", .string(culprit.reason)),
      ])
      return .document([
        ("model", .string(model)), ("rewrites", .int(culprit.total)), ("culprit", found),
      ])
    }
  }
}
