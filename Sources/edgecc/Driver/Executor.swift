import IR

/// Runs samples through a module in the interpreter, or through an artifact.
enum Executor {
  case interpreter(Module)
  case runner(any Runner)

  /// The results of each sample, in order.
  func run(_ samples: [[Tensor]], progress: ProgressBar) async throws -> [[Tensor]] {
    defer { progress.finish() }
    switch self {
    case .interpreter(let module):
      return try await Executor.interpret(module, samples, progress)
    case .runner(let runner):
      return try runner.run(samples)
    }
  }

  /// What the last run measured.
  var metrics: [Metric] {
    if case .runner(let runner) = self { return runner.metrics }
    return []
  }

  /// Samples are independent: they run side by side.
  private static func interpret(
    _ module: Module, _ samples: [[Tensor]], _ progress: ProgressBar
  ) async throws -> [[Tensor]] {
    let interpreter = Interpreter(module.main)
    if samples.count == 1 { return [try interpreter.run(samples[0])] }
    var results = [[Tensor]](repeating: [], count: samples.count)
    try await withThrowingTaskGroup(of: (Int, [Tensor]).self) { group in
      var next = 0
      func add() {
        let index = next
        next += 1
        let sample = samples[index]
        group.addTask { (index, try interpreter.run(sample)) }
      }
      while next < min(samples.count, Executor.width) { add() }
      var done = 0
      while let (index, result) = try await group.next() {
        results[index] = result
        done += 1
        progress.update("interpreting", done, samples.count)
        if next < samples.count { add() }
      }
    }
    return results
  }

  /// How many samples are in flight; the executor runs as many at once as there are cores.
  static let width: Int = 16
}
