import IR

/// Everything of a model that does not fit a target: the nodes that cannot be imported and the
/// operations that break a demand, with remedies that were tried.
struct SupportSurvey: Sendable {
  let model: LoadedModel
  let target: TargetRequest
  let backend: any Backend
  let findings: [SupportFinding]
  /// Operations after the target's passes, and nodes that could not be imported.
  let operationCount: Int
  /// What is worth knowing besides.
  let log: DiagnosticLog
  let allowsFallback: Bool

  /// - Parameter model: loaded with `cutsUnsupported`.
  /// - Throws: what lowering throws for a model that was imported whole.
  init(_ model: LoadedModel, _ request: CompileRequest, _ session: Session) throws {
    let missing = model.log.errors
    let format = model.module.source.format
    var findings = missing.map { SupportFinding(notImported: $0, format: format) }
    var log = DiagnosticLog()
    for diagnostic in model.log.diagnostics where diagnostic.severity != .error {
      log.append(diagnostic)
    }
    var request = request
    if !missing.isEmpty && request.calibration != nil {
      request.calibration = nil
      log.append(
        .warning("--calibration is not used: the nodes that cannot be imported change the inputs"))
    }
    let states = model.module.main.states.map(\.name)
    if !states.isEmpty, case .refuse = request.states {
      findings.append(SupportFinding(states: states))
      request.states = .reset
    }
    backend = try session.backend(request.target)
    let lowered: LoweredModel
    do {
      lowered = try Compiler(session, request).lower(model.with(model.module, log))
    } catch let diagnostic as Diagnostic where !missing.isEmpty {
      // What was found before is told with it.
      throw Diagnostics(missing + [diagnostic])
    } catch let several as Diagnostics where !missing.isEmpty {
      throw Diagnostics(missing + several.all)
    }
    let runsElsewhere = backend.hasFallback && request.allowsFallback
    let violations = backend.hasFallback ? lowered.support.beyondBorder : lowered.support.violations
    let homeless = Set(lowered.support.homeless.flatMap(\.node.results))
    let broken = violations.map { violation in
      let isHome = runsElsewhere && homeless.isDisjoint(with: violation.node.results)
      return SupportFinding(violation, format: format, fate: isHome ? .runsElsewhere : .unsupported)
    }
    let beyond = lowered.support.homeless.map {
      SupportFinding($0, format: format, fate: .unsupported)
    }
    findings += RemedyTrial(model, request, session, isQuantizedHere: lowered.recipe != nil)
      .tried(broken + beyond)
    self.findings = findings
    self.model = model
    target = request.target
    operationCount = ModelFacts(lowered.module).operationCount + missing.count
    self.log = lowered.log
    allowsFallback = request.allowsFallback
  }

  /// Findings by node, in program order, nodes that were not imported first.
  var nodes: [(title: String, findings: [SupportFinding])] {
    var order: [String] = []
    var byTitle: [String: [SupportFinding]] = [:]
    for finding in findings {
      if byTitle[finding.title] == nil { order.append(finding.title) }
      byTitle[finding.title, default: []].append(finding)
    }
    return order.map { ($0, byTitle[$0] ?? []) }
  }

  /// Findings by constraint, most nodes first.
  var constraints: [(finding: SupportFinding, nodes: Int)] {
    var order: [String] = []
    var titles: [String: Set<String>] = [:]
    var first: [String: SupportFinding] = [:]
    for finding in findings {
      if first[finding.constraint] == nil {
        first[finding.constraint] = finding
        order.append(finding.constraint)
      }
      titles[finding.constraint, default: []].insert(finding.title)
    }
    return order.enumerated().compactMap { index, code in
      first[code].map { ($0, titles[code]?.count ?? 0, index) }
    }.sorted { ($1.1, $0.2) < ($0.1, $1.2) }.map { ($0.0, $0.1) }
  }

  /// Whether the target takes the model as it is.
  var compiles: Bool { findings.allSatisfy { $0.fate == .runsElsewhere } }
}

/// Whether remedies help, by applying them.
struct RemedyTrial {
  private let model: LoadedModel
  private let request: CompileRequest
  private let session: Session
  private let isQuantizedHere: Bool

  init(
    _ model: LoadedModel, _ request: CompileRequest, _ session: Session, isQuantizedHere: Bool
  ) {
    self.model = model
    self.request = request
    self.session = session
    self.isQuantizedHere = isQuantizedHere
  }

  /// `findings` with what trying their remedies showed; each option is tried once for all.
  func tried(_ findings: [SupportFinding]) -> [SupportFinding] {
    var outcomes: [String: Outcome] = [:]
    return findings.map { finding in
      guard let action = finding.remedy?.action else { return finding }
      let outcome = outcomes[action] ?? outcome(of: action)
      outcomes[action] = outcome
      var finding = finding
      finding.mending = outcome.mending(finding, action)
      return finding
    }
  }

  private enum Outcome {
    /// What is left: source nodes by constraint.
    case left([String: Set<String>])
    case useless(String)

    func mending(_ finding: SupportFinding, _ action: String) -> SupportFinding.Mending {
      switch self {
      case .useless(let reason): return .cannot(reason)
      case .left(let left):
        let isLeft = left[finding.constraint]?.contains(finding.node) == true
        return isLeft ? .cannot("\(action) was tried and leaves it so") : .can(action)
      }
    }
  }

  private func outcome(of action: String) -> Outcome {
    var changed = request
    switch action {
    case "--quantize int8":
      if isQuantizedHere { return .useless("\(action) is in effect already") }
      if !model.module.isFloat { return .useless("the model is quantised already, or not float") }
      (changed.quantize, changed.recipe) = (.int8, nil)
    case "--quantize none":
      if !isQuantizedHere { return .useless("the model came quantised") }
      (changed.quantize, changed.recipe) = (CompileRequest.Quantize.none, nil)
    default: return .useless("\(action) cannot be tried here")
    }
    do {
      var log = DiagnosticLog()
      for diagnostic in model.log.diagnostics where diagnostic.severity != .error {
        log.append(diagnostic)
      }
      let lowered = try Compiler(session, changed).lower(model.with(model.module, log))
      var left: [String: Set<String>] = [:]
      for violation in lowered.support.beyondBorder + lowered.support.homeless {
        let node = violation.node.location.summary
        left[violation.constraint.code, default: []].insert(node)
      }
      return .left(left)
    } catch {
      return .useless("\(action) was tried and fails: \((error as? Diagnostic)?.message ?? "")")
    }
  }
}
