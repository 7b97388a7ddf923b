import IR
import Passes

/// Finds the cheapest recipe that keeps an accuracy: 8 bits for all where that is enough, else more
/// for the operations that 8 bits harm most.
///
/// The idea is that of NNCF's accuracy-aware quantisation (rank operations by the harm that each does
/// alone, then give back precision from the top), with two additions: how many are given back is found
/// by bisection, and those that turn out not to be needed return to 8 bits.
struct PrecisionSearch: Sendable {
  /// A model under one recipe.
  struct Candidate: Sendable {
    let recipe: Recipe
    let score: AccuracyScore
    /// What the target asks for it; nil for what was not emitted.
    var cost: ModelledCost?
  }

  /// What one operation does to the results when it alone is in 8 bits.
  struct Sensitivity: Sendable {
    /// The source node.
    let node: String
    let mnemonic: String
    let score: AccuracyScore
  }

  struct Outcome: Sendable {
    let floor: Double
    var float: Candidate
    var int8: Candidate
    /// The most harmful first; empty where 8 bits are enough, or float is not.
    var sensitivities: [Sensitivity] = []
    /// The cheapest that keeps the floor, else what came nearest.
    var best: Candidate
    /// The nodes that `best` gives more than 8 bits, and what.
    var raised: [(node: String, precision: Precision)] = []
    /// How many recipes were tried.
    var tried: Int = 0
    /// Precisions that the target cannot be given, and why.
    var refused: [(precision: Precision, reason: String)] = []

    var isMet: Bool { best.score.reaches(floor) }
  }

  let session: Session
  let request: CompileRequest
  let goal: AccuracyGoal

  /// What more than 8 bits can be: the cheaper first.
  private static let ladder: [Precision] = [.int16, .float32]

  /// - Throws: what passes throw.
  func run(_ model: LoadedModel) async throws -> Outcome {
    var bench = try await PrecisionBench(session, request, goal, model)
    let base = request.recipe ?? Recipe(.int8, output: request.output)
    let float = try await bench.candidate(Recipe(.float32))
    let int8 = try await bench.candidate(base)
    var outcome = Outcome(floor: goal.floor, float: float, int8: int8, best: int8)
    // The target may take neither as it is; then there is no price to compare with.
    outcome.float.cost = try? bench.priced(float).cost
    outcome.int8.cost = try? bench.priced(int8).cost
    outcome.best = outcome.int8
    outcome.tried = bench.tried
    if int8.score.reaches(goal.floor) { return outcome }
    if !float.score.reaches(goal.floor) {
      if float.score.accuracy > int8.score.accuracy { outcome.best = outcome.float }
      return outcome
    }
    outcome.sensitivities = try await bench.sensitivities()
    for precision in PrecisionSearch.ladder {
      do {
        try await climb(precision, base, &bench, &outcome)
      } catch let error as Diagnostic where error.category != .internal {
        outcome.refused.append((precision, error.message))
      } catch let errors as Diagnostics where errors.all.allSatisfy({ $0.category != .internal }) {
        outcome.refused.append((precision, errors.all.first?.message ?? ""))
      }
    }
    outcome.tried = bench.tried
    return outcome
  }

  /// The smallest set of operations, taken from the most harmful on, that keeps the floor once they
  /// compute in `precision`; `outcome` learns of it where it is better than what is known.
  private func climb(
    _ precision: Precision, _ base: Recipe, _ bench: inout PrecisionBench,
    _ outcome: inout Outcome
  ) async throws {
    let nodes = outcome.sensitivities.map(\.node)
    func recipe(_ raised: [String]) -> Recipe {
      var recipe = base
      recipe.rules += raised.map { Recipe.Rule(.node(named: $0), precision) }
      return recipe
    }
    var (low, high) = (0, nodes.count)
    var found = try await bench.candidate(recipe(nodes))
    guard found.score.reaches(goal.floor) else {
      if found.score.accuracy > outcome.best.score.accuracy {
        outcome.best = found
        outcome.raised = nodes.map { ($0, precision) }
      }
      return
    }
    // What the target refuses is told before more is tried.
    _ = try bench.priced(found)
    while high - low > 1 {
      let middle = (low + high) / 2
      let candidate = try await bench.candidate(recipe(Array(nodes.prefix(middle))))
      if candidate.score.reaches(goal.floor) {
        (high, found) = (middle, candidate)
      } else {
        low = middle
      }
    }
    var raised = Array(nodes.prefix(high))
    // The last one is needed, or the bisection would have stopped before it.
    for node in raised.dropLast().reversed().prefix(PrecisionSearch.returnAttempts) {
      let fewer = raised.filter { $0 != node }
      let candidate = try await bench.candidate(recipe(fewer))
      if candidate.score.reaches(goal.floor) { (raised, found) = (fewer, candidate) }
    }
    let priced = try bench.priced(found)
    if outcome.isMet, let known = outcome.best.cost, let cost = priced.cost, cost >= known { return }
    outcome.best = priced
    outcome.raised = raised.map { ($0, precision) }
  }

  /// How many of the raised operations are tried in 8 bits again.
  private static let returnAttempts: Int = 16
}
