import IR
import Passes

/// Quantises one model by many recipes and scores each on labelled samples, in the interpreter, which
/// every target equals to the bit.
struct PrecisionBench: Sendable {
  private let session: Session
  private let request: CompileRequest
  private let goal: AccuracyGoal
  /// The model after the standard passes and pruning, which no recipe changes.
  private let start: LoadedModel
  private let calibration: Calibration
  private let reference: [[Tensor]]
  private var modules: [Recipe: LoweredModel] = [:]
  private(set) var tried: Int = 0

  /// - Throws: what passes and the interpreter throw.
  init(
    _ session: Session, _ request: CompileRequest, _ goal: AccuracyGoal, _ model: LoadedModel
  ) async throws {
    self.session = session
    self.goal = goal
    if request.savesCalibration != nil || SavedCalibration.isNamed(request.calibration ?? "") {
      throw Diagnostic.error(
        "--min-accuracy tries many precisions, for which saved calibrations are no place",
        help: ["search with samples first, then compile with the recipe that was found"])
    }
    var first = request
    first.quantize = CompileRequest.Quantize.none
    first.recipe = nil
    first.lastStage = .prune
    let compiler = Compiler(session, first)
    let lowered = try compiler.lower(model)
    start = model.with(lowered.module, lowered.log)
    calibration = try Calibration.load(
      request.calibration, compiler.reader(model.module), model.module, model: model.sha256)
    var rest = request
    rest.prune = nil
    rest.quantize = nil
    self.request = rest
    reference = try await Executor.interpreter(model.module)
      .run(goal.samples, progress: session.progress)
  }

  /// `recipe` and what it is worth.
  ///
  /// - Throws: what passes throw, and the target for what it cannot be given.
  mutating func candidate(_ recipe: Recipe) async throws -> PrecisionSearch.Candidate {
    let lowered = try lower(recipe, isDraft: false)
    modules = [recipe: lowered]
    return .init(recipe: recipe, score: try await score(lowered, goal.samples, goal.labels))
  }

  /// `candidate` with what the target asks for it.
  ///
  /// - Throws: `Diagnostics` for what the target cannot be given.
  mutating func priced(
    _ candidate: PrecisionSearch.Candidate
  ) throws -> PrecisionSearch.Candidate {
    var lowered =
      try modules[candidate.recipe] ?? lower(candidate.recipe, isDraft: false)
    var result = candidate
    result.cost = ModelledCost(try compiler(candidate.recipe).emit(&lowered))
    return result
  }

  /// Every operation alone in 8 bits, the most harmful first.
  ///
  /// Weights are rounded to the nearest and fewer samples are run: this ranks, it does not decide.
  mutating func sensitivities() async throws -> [PrecisionSearch.Sensitivity] {
    let all = try lower(Recipe(.int8), isDraft: true)
    let nodes = PrecisionBench.nodes(all)
    let samples = Array(goal.samples.prefix(PrecisionBench.rankingSamples))
    let labels = Array(goal.labels.prefix(samples.count))
    var found: [PrecisionSearch.Sensitivity] = []
    for (index, (node, mnemonic)) in nodes.enumerated() {
      session.progress.update("measuring operations", index, nodes.count)
      let recipe = Recipe(.float32, rules: [Recipe.Rule(.node(named: node), .int8)])
      let score = try await score(try lower(recipe, isDraft: true), samples, labels)
      found.append(.init(node: node, mnemonic: mnemonic, score: score))
    }
    session.progress.finish()
    return found.sorted {
      ($0.score.fidelity.signalToNoise, $0.node) < ($1.score.fidelity.signalToNoise, $1.node)
    }
  }

  private static let rankingSamples: Int = 128
  private static let rankingCalibration: Int = 32

  /// The source nodes of a quantised model's operations, in program order.
  private static func nodes(_ lowered: LoweredModel) -> [(node: String, mnemonic: String)] {
    guard let module = lowered.stages.last(where: { $0.stage.name == .quantize })?.module else {
      return []
    }
    let graph = module.main.graph
    var known: Set<String> = []
    var nodes: [(node: String, mnemonic: String)] = []
    for id in graph.allOperations() {
      let node = graph[id]
      let mnemonic = type(of: node.operation).mnemonic
      guard mnemonic != "quantize", mnemonic != "dequantize",
        node.results.contains(where: { graph[$0].isQuantized }),
        let name = node.location.nodes.first?.name, !name.isEmpty,
        known.insert(name).inserted
      else { continue }
      nodes.append((name, mnemonic))
    }
    return nodes
  }

  private func score(
    _ lowered: LoweredModel, _ samples: [[Tensor]], _ labels: [Int]
  ) async throws -> AccuracyScore {
    let results = try await Executor.interpreter(lowered.module)
      .run(samples, progress: session.progress)
    return AccuracyScore(results, reference: reference, labels: labels)
  }

  private mutating func lower(_ recipe: Recipe, isDraft: Bool) throws -> LoweredModel {
    if !isDraft { tried += 1 }
    return try compiler(recipe, isDraft: isDraft).lower(start)
  }

  private func compiler(_ recipe: Recipe, isDraft: Bool = false) -> Compiler {
    var request = request
    request.recipe = recipe
    request.isDraft = isDraft
    let count = isDraft ? PrecisionBench.rankingCalibration : calibration.samples.count
    return Compiler(session, request, calibration: calibration.first(count))
  }
}
