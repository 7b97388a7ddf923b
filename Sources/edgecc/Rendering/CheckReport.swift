import IR

/// What `check` has to say.
struct CheckReport {
  let survey: SupportSurvey

  private var target: String { survey.target.text }
  private var file: String { survey.model.fileName }

  /// Node by node, then constraint by constraint, then the verdict.
  func text(_ console: Console) -> String {
    guard !survey.findings.isEmpty else {
      return "\(file) fits \(target): \(Format.count(survey.operationCount, "operation"))\n"
    }
    var text = ""
    for node in survey.nodes {
      text += console.bold(node.title) + "  " + fate(node.findings, console) + "\n"
      for (index, finding) in node.findings.enumerated() {
        text += (index > 0 ? "\n" : "") + rows(finding).text(indentation: 2, console)
      }
      text += "\n"
    }
    return text + summary(console) + "\n" + verdict(console)
  }

  private func fate(_ findings: [SupportFinding], _ console: Console) -> String {
    if findings.contains(where: { $0.operation == nil }) {
      return console.red("cannot be imported")
    }
    return findings.contains { $0.fate == .unsupported }
      ? console.red("is not supported") : console.dim("runs elsewhere")
  }

  private func rows(_ finding: SupportFinding) -> Table {
    var table = Table([.init(""), .init("")])
    table.add(["demand", "\(finding.sentence) (\(finding.constraint))"])
    table.add(["seen", finding.seen])
    if let remedy = finding.remedy { table.add(["remedy", remedy.sentence]) }
    table.add(["edgecc", CheckReport.text(finding.mending)])
    return table
  }

  private static func text(_ mending: SupportFinding.Mending) -> String {
    switch mending {
    case .can(let option): "can: \(option)"
    case .cannot(let reason): "cannot: \(reason)"
    }
  }

  private func summary(_ console: Console) -> String {
    var table = Table([.init("constraint"), .init("nodes", .right), .init("demand")])
    for (finding, count) in survey.constraints {
      table.add([finding.constraint, Format.grouped(count), finding.sentence])
    }
    return table.text(console)
  }

  private func verdict(_ console: Console) -> String {
    let nodes = survey.nodes
    let lost = nodes.filter { $0.findings.contains { $0.fate == .unsupported } }.count
    let elsewhere = nodes.count - lost
    var parts: [String] = []
    if elsewhere > 0 { parts.append("\(elsewhere) run elsewhere") }
    if lost > 0 { parts.append(console.red("\(lost) not supported")) }
    let total = Format.count(survey.operationCount, "operation")
    return "\(file): \(nodes.count) of \(total) do not fit \(target): "
      + parts.joined(separator: ", ") + "\n"
  }

  func json() -> JSON {
    let constraints = survey.constraints.map { finding, count in
      JSON.object([
        ("constraint", .string(finding.constraint)), ("sentence", .string(finding.sentence)),
        ("nodes", .int(count)),
      ])
    }
    return .document([
      ("model", .string(file)), ("target", .string(survey.target.name)),
      ("operations", .int(survey.operationCount)), ("fits", .bool(survey.findings.isEmpty)),
      ("fallback", .bool(survey.backend.hasFallback && survey.allowsFallback)),
      ("compiles", .bool(survey.compiles)), ("nodes", .int(survey.nodes.count)),
      ("violations", .array(survey.findings.map(\.json))), ("constraints", .array(constraints)),
      ("diagnostics", .array(survey.log.diagnostics.map { DiagnosticRenderer.json($0) })),
    ])
  }
}
