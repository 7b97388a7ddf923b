import IR

/// Compares every stage between a model and its artifact with the model as it was imported.
struct Verification: Sendable {
  /// How one stage did.
  struct Stage: Sendable {
    let name: String
    /// The rewrite that made the stage diverge, where it is known.
    var rewrite: String?
    /// Against the imported model.
    let fidelity: Fidelity
    /// Against the stage before; the same as `fidelity` for the first.
    let step: Fidelity
    let limit: StageLimit
    let passed: Bool
    /// The first node that diverges, where the stage does.
    let culprit: String?
  }

  let session: Session
  let compiler: Compiler
  /// What quantisation must keep, in decibels.
  let minimumSQNR: Double

  /// - Throws: what the passes, the target and its runner throw.
  func run(
    _ model: LoadedModel, _ imported: ImportRequest, _ samples: [[Tensor]],
    _ lowered: inout LoweredModel
  ) async throws -> [Stage] {
    let reference = try await interpret(model.module, samples)
    var previous = (module: model.module, results: reference)
    var stages: [Stage] = []
    let isInteger = Verification.isInteger(model.module)
    for (stage, module) in lowered.stages {
      let name = stage.name.rawValue
      let results = try await interpret(module, samples)
      let limit = Verification.limit(
        stage.name, isInteger: isInteger, model.module, minimumSQNR: minimumSQNR)
      let passed = limit.accepts(results, previous.results)
      let culprit =
        passed ? nil : try firstDivergence(module, previous.module, samples[0], limit)
      let rewrite =
        passed ? nil : try bisect(stage, previous.module, lowered, samples, previous.results, limit)
      stages.append(
        Stage(
          name: name, rewrite: rewrite, fidelity: Fidelity(results, reference: reference),
          step: Fidelity(results, reference: previous.results), limit: limit, passed: passed,
          culprit: culprit))
      previous = (module, results)
    }
    stages.append(
      try await artifact(&lowered, imported, samples, previous.results, reference))
    return stages
  }

  private func interpret(_ module: Module, _ samples: [[Tensor]]) async throws -> [[Tensor]] {
    try await Executor.interpreter(module).run(samples, progress: session.progress)
  }

  /// Passes keep integers to the bit and floats to rounding; quantisation is measured. A model with
  /// float and quantised parts (QDQ) turns to integer arithmetic on the way, which rounds
  /// otherwise.
  static func limit(
    _ stage: CompileStage, isInteger: Bool, _ module: Module, minimumSQNR: Double
  ) -> StageLimit {
    if isInteger { return .exact }
    if stage == .quantize || stage == .prune || module.isQuantized { return .signalToNoise(minimumSQNR) }
    return stage == .lower && !module.isFloat ? .exact : .close
  }

  /// The rewrite of `stage` that makes its results leave `limit`, as text; nil where noise is counted,
  /// to which all of them add.
  private func bisect(
    _ stage: PipelinePlan.Stage, _ before: Module, _ lowered: LoweredModel, _ samples: [[Tensor]],
    _ reference: [[Tensor]], _ limit: StageLimit
  ) throws -> String? {
    if case .signalToNoise = limit { return nil }
    // Passes are run again on samples, of which a saved calibration has none.
    if lowered.calibration.kind == .saved { return nil }
    let bisection = Bisection(
      registry: session.registry, pipeline: stage.pipeline, module: before,
      constraints: lowered.backend.constraints, calibration: lowered.calibration.samples,
      samples: Array(samples.prefix(Bisection.sampleCount)), limit: limit)
    guard case .culprit(let culprit) = try bisection.run(session.progress) else { return nil }
    return culprit.text
  }

  /// Whether all that is computed is computed in integers: floats are at most converted.
  static func isInteger(_ module: Module) -> Bool {
    let graph = module.main.graph
    return graph.allOperations().allSatisfy { id in
      let node = graph[id]
      let mnemonic = type(of: node.operation).mnemonic
      if mnemonic == "quantize" || mnemonic == "dequantize" { return true }
      return !(node.operands + node.results).contains { graph[$0].element.isFloat }
    }
  }

  private func artifact(
    _ lowered: inout LoweredModel, _ imported: ImportRequest, _ samples: [[Tensor]],
    _ expected: [[Tensor]], _ reference: [[Tensor]]
  ) async throws -> Stage {
    let deployment = try Deployment.compiled(&lowered, imported, compiler)
    let results = try await deployment.executor.run(samples, progress: session.progress)
    let limit: StageLimit = Verification.isInteger(lowered.module) ? .exact : .close
    let passed = limit.accepts(results, expected)
    let culprit =
      passed
      ? nil : try ArtifactProbe(compiler, imported).firstDivergence(lowered, samples[0], limit)
    return Stage(
      name: "artifact", fidelity: Fidelity(results, reference: reference),
      step: Fidelity(results, reference: expected), limit: limit, passed: passed, culprit: culprit)
  }

  /// The first operation of `module` whose result is not near the result of the same source node in
  /// `before`. Where passes changed the layout, the tensor of the same shape is compared.
  private func firstDivergence(
    _ module: Module, _ before: Module, _ sample: [Tensor], _ limit: StageLimit
  ) throws -> String? {
    let known = try Trace(before.main, sample).byNode()
    for entry in try Trace(module.main, sample).entries {
      guard let node = entry.node.location.nodes.last else { continue }
      let candidates = (known[node] ?? []).filter { $0.shape == entry.tensor.shape }
      guard !candidates.isEmpty else { continue }
      if !candidates.contains(where: { limit.accepts(entry.tensor, $0) }) {
        return Verification.describe(entry.node)
      }
    }
    return nil
  }

  static func describe(_ node: Node) -> String {
    let name = node.location.summary
    let mnemonic = type(of: node.operation).mnemonic
    return name.isEmpty ? mnemonic : "\(name) (\(mnemonic))"
  }
}
