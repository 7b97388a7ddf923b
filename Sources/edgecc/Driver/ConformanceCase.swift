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
    let specialiser = try Specialiser(ModelLoader(registry: session.registry), testCase.modelPath)
    var failures: [String] = []
    var prepared: Prepared?
    for path in testCase.dataSetPaths {
      let data = try testCase.dataSet(path, specialiser.signature)
      if prepared?.specialisation.fits(data.inputs) != true {
        let specialisation = try specialiser.specialised(for: data.inputs)
        prepared = Prepared(
          specialisation: specialisation, deployment: try deploy(specialisation))
      }
      guard let prepared else { continue }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      failures += try check(data, prepared, specialiser.signature).map { "\(name): \($0)" }
    }
    return failures.isEmpty ? .passed : .failed(failures)
  }

  /// A model ready to run on the data set it was imported for, and on others like it.
  private struct Prepared {
    let specialisation: Specialisation
    let deployment: Deployment
  }

  private func deploy(_ specialisation: Specialisation) throws -> Deployment {
    let model = specialisation.model
    guard target.isInterpreter else {
      var compile = CompileRequest(target: target)
      compile.quantize = CompileRequest.Quantize.none
      return try Deployment.compiled(model, specialisation.request, Compiler(session, compile))
    }
    return try Deployment.interpreted(model, passes: pipeline, session)
  }

  private func check(
    _ data: TestCase.DataSet, _ prepared: Prepared, _ signature: ModelSignature
  ) throws -> [String] {
    guard data.outputs.count == signature.outputs.count else {
      return [
        "\(data.outputs.count) outputs are recorded, the model has \(signature.outputs.count)"
      ]
    }
    let inputs = prepared.specialisation.inputs(data.inputs)
    let results = try prepared.deployment.executor.run(inputs)
    let expected = zip(signature.outputs, data.outputs).flatMap { $1.tensors(named: $0.name) }
    let names = prepared.deployment.interface.outputs.map(\.name)
    let isPlain = signature.outputs.allSatisfy(\.kind.isTensor)
    guard expected.count == results.count, isPlain || names == expected.map(\.name) else {
      let wanted = expected.map(\.name).joined(separator: ", ")
      return ["the outputs are \(names.joined(separator: ", ")); expected are \(wanted)"]
    }
    return zip(results, expected).compactMap { result, expected in
      // A quantised output is recorded as its stored integers.
      let actual = result.reinterpreted(as: TensorType(result.element, result.shape))
      return Comparison(tolerance: testCase.tolerance).mismatch(actual, expected.tensor)
        .map { "output '\(expected.name)' \($0.summary)" }
    }
  }
}
