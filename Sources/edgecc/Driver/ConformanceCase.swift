import Frontends
import IR

/// What became of a test case.
enum CaseOutcome: Sendable {
  case passed
  /// One line per difference or error.
  case failed([String])
  /// The reason, and what of it is the same for all cases with this reason.
  case skipped(reason: String)
}

/// A case and its outcome.
struct CaseResult: Sendable {
  let name: String
  let path: String
  let outcome: CaseOutcome
  let seconds: Double
}

/// Runs one test-case folder.
struct ConformanceCase: Sendable {
  let session: Session
  let target: TargetRequest
  /// Passes to run first on the interpreter; nil for none.
  let pipeline: String?
  let testCase: TestCase

  /// Never throws: what goes wrong is the outcome.
  func run() -> CaseResult {
    let start = ContinuousClock.now
    let outcome: CaseOutcome
    do {
      outcome = try evaluate()
    } catch let diagnostic as Diagnostic {
      outcome = ConformanceCase.outcome(of: [diagnostic])
    } catch let several as Diagnostics {
      outcome = ConformanceCase.outcome(of: several.all)
    } catch {
      outcome = .failed(["\(error)"])
    }
    let elapsed = (ContinuousClock.now - start).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    return CaseResult(
      name: testCase.name, path: testCase.path, outcome: outcome, seconds: seconds)
  }

  /// A model that this build or the target cannot take is skipped; everything else that is thrown
  /// is a failure.
  private static func outcome(of diagnostics: [Diagnostic]) -> CaseOutcome {
    let errors = diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty && errors.allSatisfy({ $0.category == .unsupported }) {
      var reasons: [String] = []
      for error in errors where !reasons.contains(error.message) { reasons.append(error.message) }
      return .skipped(reason: reasons.joined(separator: "; "))
    }
    return .failed(
      errors.map { [$0.place ?? "", $0.message].filter { !$0.isEmpty }.joined(separator: ": ") })
  }

  private func evaluate() throws -> CaseOutcome {
    if testCase.dataSetPaths.isEmpty { return .skipped(reason: "the case has no test_data_set_K") }
    var failures: [String] = []
    var prepared: (shapes: [Shape], deployment: Deployment)?
    for path in testCase.dataSetPaths {
      let data = try testCase.dataSet(path)
      let shapes = data.inputs.map(\.tensor.shape)
      // A model whose extents the inputs bind is imported anew for inputs of other shapes.
      if prepared == nil || prepared?.shapes != shapes {
        prepared = (shapes, try prepare(data))
      }
      guard let deployment = prepared?.deployment else { continue }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      failures += try check(data, deployment).map { "\(name): \($0)" }
    }
    return failures.isEmpty ? .passed : .failed(failures)
  }

  private func prepare(_ data: TestCase.DataSet) throws -> Deployment {
    let loader = ModelLoader(registry: session.registry)
    var request = ImportRequest()
    var model = try loader.load(testCase.modelPath, request)
    // TFLite gives an open dimension an extent of its own, which the recorded input overrides.
    for (input, given) in zip(model.module.main.inputs, data.inputs)
    where input.type.shape != given.tensor.shape && input.type.rank == given.tensor.rank {
      request.options.shapes[input.name] = given.tensor.shape
    }
    if !request.options.shapes.isEmpty { model = try loader.load(testCase.modelPath, request) }
    guard target.isInterpreter else {
      var compile = CompileRequest(target: target)
      compile.quantize = CompileRequest.Quantize.none
      return try Deployment.compiled(model, request, Compiler(session, compile))
    }
    guard let pipeline else { return Deployment.interpreted(model) }
    var module = model.module
    var context = PassContext()
    try PassManager(session.registry).run(try Pipeline(parsing: pipeline), on: &module, &context)
    return Deployment.interpreted(model.with(module, context.log))
  }

  private func check(_ data: TestCase.DataSet, _ deployment: Deployment) throws -> [String] {
    let interface = deployment.interface
    guard data.inputs.count == interface.inputs.count else {
      return ["\(data.inputs.count) inputs are recorded, the model has \(interface.inputs.count)"]
    }
    guard data.outputs.count == interface.outputs.count else {
      return [
        "\(data.outputs.count) outputs are recorded, the model has \(interface.outputs.count)"
      ]
    }
    let results: [Tensor]
    switch deployment.executor {
    case .interpreter(let module):
      results = try Interpreter(module.main).run(data.inputs.map(\.tensor))
    case .runner(let runner):
      results = try runner.run([data.inputs.map(\.tensor)]).first ?? []
    }
    let comparison = Comparison(tolerance: testCase.tolerance)
    var failures: [String] = []
    for (index, port) in interface.outputs.enumerated() where index < results.count {
      // A quantised output is recorded as its stored integers.
      let type = TensorType(results[index].element, results[index].shape)
      let actual = results[index].reinterpreted(as: type)
      if let mismatch = comparison.mismatch(actual, data.outputs[index].tensor) {
        failures.append("output '\(port.name)' \(mismatch.summary)")
      }
    }
    return failures
  }
}
