import IR

/// Finds the rewrite that makes a pipeline change a module's results, or break the module, by halving
/// the number of rewrites that it may make. Passes are deterministic, so a run with a limit of n
/// makes the first n rewrites of a run without.
struct Bisection: Sendable {
  /// The first rewrite after which things are not as they should be.
  struct Culprit: Sendable {
    /// Counted from 1.
    let number: Int
    let total: Int
    let rewrite: Rewrite
    /// What is wrong after it.
    let reason: String

    var text: String { "rewrite \(number) of \(total), \(rewrite.text): \(reason)" }
  }

  enum Outcome: Sendable {
    /// The results are as before after all rewrites, of which there are so many.
    case clean(rewrites: Int)
    case culprit(Culprit)
  }

  let registry: Registry
  let pipeline: Pipeline
  /// As it is before the pipeline.
  let module: Module
  let constraints: [Constraint]
  let calibration: [[Tensor]]
  var readSamples: (@Sendable (String) throws -> [[Tensor]])?
  /// Inputs on which results are compared.
  let samples: [[Tensor]]
  /// How near results have to stay.
  let limit: StageLimit

  /// So many samples tell a wrong rewrite from a right one.
  static let sampleCount: Int = 8

  /// - Throws: a `Diagnostic` where even the untouched module does not run, or the pipeline is wrong.
  func run(_ progress: ProgressBar) throws -> Outcome {
    let reference = try samples.map { try Interpreter(module.main).run($0) }
    let whole = try attempt(nil, reference)
    guard let complaint = whole.complaint else { return .clean(rewrites: whole.rewrites.count) }
    var (good, bad) = (0, whole.rewrites.count)
    var worst = (complaint, whole.rewrites.last)
    let steps = Int.bitWidth - max(bad, 1).leadingZeroBitCount
    var step = 0
    while bad - good > 1 {
      progress.update("bisecting", step, steps)
      step += 1
      let middle = good + (bad - good) / 2
      let trial = try attempt(middle, reference)
      if let complaint = trial.complaint {
        bad = middle
        worst = (complaint, trial.rewrites.last)
      } else {
        good = middle
      }
    }
    progress.finish()
    let rewrite = worst.1 ?? Rewrite(name: "no rewrite", pass: "", location: .none)
    return .culprit(
      Culprit(number: bad, total: whole.rewrites.count, rewrite: rewrite, reason: worst.0))
  }

  private struct Trial {
    let rewrites: RewriteCounter
    /// What is wrong after so many rewrites; nil where nothing is.
    let complaint: String?
  }

  private func attempt(_ count: Int?, _ reference: [[Tensor]]) throws -> Trial {
    var module = module
    var context = PassContext(constraints: constraints, calibration: calibration)
    context.readSamples = readSamples
    context.rewrites = RewriteCounter(limit: count)
    do {
      try PassManager(registry).run(pipeline, on: &module, &context)
    } catch let diagnostic as Diagnostic where diagnostic.category == .internal {
      return Trial(rewrites: context.rewrites, complaint: diagnostic.message)
    }
    return Trial(rewrites: context.rewrites, complaint: complaint(module, reference))
  }

  private func complaint(_ module: Module, _ reference: [[Tensor]]) -> String? {
    do {
      let results = try samples.map { try Interpreter(module.main).run($0) }
      guard !limit.accepts(results, reference) else { return nil }
      let error = Fidelity(results, reference: reference).maximumError
      return "results differ by up to \(Format.short(error)) (limit: \(limit.text))"
    } catch {
      return "the module does not run: \((error as? Diagnostic)?.message ?? "\(error)")"
    }
  }
}
