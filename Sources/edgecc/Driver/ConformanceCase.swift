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
    var prepared: Prepared?
    for path in testCase.dataSetPaths {
      let data = try testCase.dataSet(path)
      // A model whose extents or constants the inputs bind is imported anew for other inputs.
      if prepared?.fits(data) != true { prepared = try prepare(data) }
      guard let prepared else { continue }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      failures += try check(data, prepared).map { "\(name): \($0)" }
    }
    return failures.isEmpty ? .passed : .failed(failures)
  }

  /// A model ready to run on the data set it was imported for, and on others like it.
  private struct Prepared {
    let deployment: Deployment
    let shapes: [Shape]
    /// Inputs that became constants.
    let constants: [String: Tensor]

    func fits(_ data: TestCase.DataSet) -> Bool {
      shapes == data.inputs.map(\.tensor.shape)
        && data.inputs.allSatisfy { constants[$0.name] == nil || constants[$0.name] == $0.tensor }
    }

    /// The inputs that the model still has.
    func inputs(_ data: TestCase.DataSet) -> [Tensor] {
      data.inputs.filter { constants[$0.name] == nil }.map(\.tensor)
    }
  }

  private func prepare(_ data: TestCase.DataSet) throws -> Prepared {
    var request = ImportRequest()
    let model = try load(data, &request)
    return Prepared(
      deployment: try deploy(model, request), shapes: data.inputs.map(\.tensor.shape),
      constants: request.options.constants)
  }

  /// Imports the model. Where it cannot be imported without knowing what comes in, it is tried
  /// again with the inputs that steer (see `steering`) as constants.
  private func load(
    _ data: TestCase.DataSet, _ request: inout ImportRequest
  ) throws -> LoadedModel {
    do {
      return try bindShapes(data, &request)
    } catch {
      request = ImportRequest()
      request.options.constants = ConformanceCase.steering(data)
      guard ConformanceCase.isUnsupported(error), !request.options.constants.isEmpty else {
        throw error
      }
      return try bindShapes(data, &request)
    }
  }

  private func bindShapes(
    _ data: TestCase.DataSet, _ request: inout ImportRequest
  ) throws -> LoadedModel {
    let loader = ModelLoader(registry: session.registry)
    let model = try loader.load(testCase.modelPath, request)
    let inputs = model.module.main.inputs
    let given = data.inputs.filter { request.options.constants[$0.name] == nil }
    // TFLite gives an open dimension an extent of its own, which the recorded input overrides.
    for (input, value) in zip(inputs, given)
    where input.type.shape != value.tensor.shape && input.type.rank == value.tensor.rank {
      request.options.shapes[input.name] = value.tensor.shape
    }
    return request.options.shapes.isEmpty ? model : try loader.load(testCase.modelPath, request)
  }

  /// The inputs that shapes may depend on: axes, target shapes, pads, counts. Test cases of single
  /// operators pass them at run time, though exporters write them into the model as constants,
  /// which is the form that edgecc compiles.
  private static func steering(_ data: TestCase.DataSet) -> [String: Tensor] {
    var constants: [String: Tensor] = [:]
    for (name, tensor) in data.inputs where !name.isEmpty {
      if tensor.element.isInteger || tensor.count <= 8 { constants[name] = tensor }
    }
    return constants
  }

  private static func isUnsupported(_ error: any Error) -> Bool {
    let all = (error as? Diagnostics)?.all ?? (error as? Diagnostic).map { [$0] } ?? []
    return all.contains { $0.severity == .error && $0.category == .unsupported }
  }

  private func deploy(_ model: LoadedModel, _ request: ImportRequest) throws -> Deployment {
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

  private func check(_ data: TestCase.DataSet, _ prepared: Prepared) throws -> [String] {
    let interface = prepared.deployment.interface
    let inputs = prepared.inputs(data)
    guard inputs.count == interface.inputs.count else {
      return ["\(inputs.count) inputs are recorded, the model has \(interface.inputs.count)"]
    }
    guard data.outputs.count == interface.outputs.count else {
      return [
        "\(data.outputs.count) outputs are recorded, the model has \(interface.outputs.count)"
      ]
    }
    let results: [Tensor]
    switch prepared.deployment.executor {
    case .interpreter(let module):
      results = try Interpreter(module.main).run(inputs)
    case .runner(let runner):
      results = try runner.run([inputs]).first ?? []
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
