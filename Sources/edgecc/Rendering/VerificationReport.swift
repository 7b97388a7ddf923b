import IR

/// What `verify` has to say.
struct VerificationReport {
  let model: String
  let target: String
  let sampleCount: Int
  let stages: [Verification.Stage]
  let notes: [String]

  var passed: Bool { stages.allSatisfy(\.passed) }

  func text(_ console: Console) -> String {
    var table = Table([
      .init("stage"), .init("largest error", .right), .init("SQNR", .right), .init("top-1", .right),
      .init("to the stage before"), .init("limit"), .init("verdict"),
    ])
    for stage in stages {
      table.add([
        stage.name, Format.short(stage.fidelity.maximumError),
        Format.decibels(stage.fidelity.signalToNoise),
        stage.fidelity.topAgreement.map { Format.percent($0) } ?? "",
        Format.decibels(stage.step.signalToNoise), stage.limit.text,
        stage.passed ? "ok" : "DIVERGES",
      ])
    }
    var text =
      "\(model) for \(target), \(Format.count(sampleCount, "sample")) "
      + "against the model as imported\n"
    text += table.text(console)
    if let first = stages.first(where: { !$0.passed }) {
      text += console.red("diverges") + " first in stage '\(first.name)'"
      text += first.culprit.map { ", at \($0)\n" } ?? "; no single node could be named\n"
      if let rewrite = first.rewrite { text += "  by \(rewrite)\n" }
    }
    for note in notes { text += "note: \(note)\n" }
    return text
  }

  func json() -> JSON {
    let items = stages.map { stage in
      JSON.object([
        ("stage", .string(stage.name)), ("against_import", stage.fidelity.json),
        ("against_previous", stage.step.json), ("limit", .string(stage.limit.text)),
        ("passed", .bool(stage.passed)), ("first_node", .optional(stage.culprit)),
        ("rewrite", .optional(stage.rewrite)),
      ])
    }
    return .document([
      ("model", .string(model)), ("target", .string(target)), ("samples", .int(sampleCount)),
      ("passed", .bool(passed)), ("stages", .array(items)), ("notes", .strings(notes)),
    ])
  }
}
