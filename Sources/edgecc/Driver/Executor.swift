import IR

/// Runs samples through a module in the interpreter, or through an artifact.
enum Executor {
  case interpreter(Module)
  /// A model that is imported for the samples' values, first for those of the specialisation.
  case specialiser(Specialiser, Specialisation)
  case runner(any Runner)

  /// The results of each sample, in order.
  func run(_ samples: [[Tensor]], progress: ProgressBar) async throws -> [[Tensor]] {
    defer { progress.finish() }
    switch self {
    case .interpreter(let module):
      return try await Executor.interpret(module, samples, progress)
    case .specialiser(let specialiser, let first):
      return try Executor.specialise(specialiser, first, samples, progress)
    case .runner(let runner):
      return try runner.run(samples)
    }
  }

  /// The results of one sample.
  func run(_ sample: [Tensor]) throws -> [Tensor] {
    switch self {
    case .interpreter(let module): try Interpreter(module.main).run(sample)
    case .specialiser(_, let first):
      try Interpreter(first.model.module.main).run(first.inputs(sample.map { .tensor($0) }))
    case .runner(let runner): try runner.run([sample]).first ?? []
    }
  }

  /// What the last run measured.
  var metrics: [Metric] {
    if case .runner(let runner) = self { return runner.metrics }
    return []
  }

  /// Samples are independent and run side by side, unless the module keeps state between them.
  private static func interpret(
    _ module: Module, _ samples: [[Tensor]], _ progress: ProgressBar
  ) async throws -> [[Tensor]] {
    let interpreter = Interpreter(module.main)
    if !module.main.states.isEmpty { return try stream(interpreter, samples, progress) }
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

  /// Samples in order, each from the states that the one before it left.
  private static func stream(
    _ interpreter: Interpreter, _ samples: [[Tensor]], _ progress: ProgressBar
  ) throws -> [[Tensor]] {
    var states = interpreter.initialStates
    return try samples.enumerated().map { index, sample in
      defer { progress.update("interpreting", index + 1, samples.count) }
      return try interpreter.run(sample, &states)
    }
  }

  /// The model imported anew wherever a sample needs another structure than the one before it.
  private static func specialise(
    _ specialiser: Specialiser, _ first: Specialisation, _ samples: [[Tensor]],
    _ progress: ProgressBar
  ) throws -> [[Tensor]] {
    var current = first
    return try samples.enumerated().map { index, sample in
      let values = sample.map { ModelValue.tensor($0) }
      if !current.fits(values) { current = try specialiser.specialised(for: values) }
      defer { progress.update("interpreting", index + 1, samples.count) }
      return try Interpreter(current.model.module.main).run(current.inputs(values))
    }
  }

  /// How many samples are in flight; the executor runs as many at once as there are cores.
  static let width: Int = 16
}
