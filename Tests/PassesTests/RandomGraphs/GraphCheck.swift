import IR
import Passes

/// What a pipeline must leave as it is, checked on one graph.
struct GraphCheck: Sendable {
  /// As in `--pass-pipeline`.
  let pipeline: String
  /// Whether the pipeline means to change numbers, so that results are not compared.
  var changesNumbers: Bool = false
  /// Whether a second run must change nothing.
  var isIdempotent: Bool = false
  let registry: Registry

  init(_ pipeline: String, _ registry: Registry) {
    self.pipeline = pipeline
    self.registry = registry
  }

  /// What is wrong, in a sentence; nil where nothing is.
  func complaint(about graph: RandomGraph) -> String? {
    do {
      return try check(graph)
    } catch {
      return "\(error)"
    }
  }

  private func check(_ graph: RandomGraph) throws -> String? {
    let before = graph.module
    let expected = try Interpreter(before.main).run(graph.inputs)
    let after = try run(before, graph.inputs)
    let text = Printer.print(after)
    guard Printer.print(try Parser.parse(text, registry)) == text else {
      return "printing, parsing and printing again gives another text:\n\(text)"
    }
    if !changesNumbers {
      let actual = try Interpreter(after.main).run(graph.inputs)
      let tolerance = try Tolerance(graph)
      if let difference = tolerance.difference(actual, expected) {
        return "\(difference)\nafter '\(pipeline)':\n\(text)"
      }
    }
    if isIdempotent {
      let again = Printer.print(try run(after, graph.inputs))
      guard again == text else { return "a second run changes something:\n\(text)\n\(again)" }
    }
    return nil
  }

  /// The pass manager verifies after every pass.
  private func run(_ module: Module, _ inputs: [Tensor]) throws -> Module {
    var module = module
    var context = PassContext(calibration: [inputs])
    try PassManager(registry).run(Pipeline(parsing: pipeline), on: &module, &context)
    return module
  }
}

/// How far results may move: floats by rounding, relative to the largest number on their way;
/// integers not at all, after fake quantisation by one step.
struct Tolerance {
  private let absolute: Double
  private let steps: Int

  init(_ graph: RandomGraph) throws {
    let largest = Peak()
    _ = try Interpreter(graph.function) { _, tensor in largest.see(tensor) }.run(graph.inputs)
    absolute = 2e-5 * max(largest.magnitude, 1)
    steps = graph.isFakeQuantized ? 1 : 0
  }

  func difference(_ actual: [Tensor], _ expected: [Tensor]) -> String? {
    guard actual.count == expected.count else { return "\(actual.count) results" }
    for (index, (a, e)) in zip(actual, expected).enumerated() {
      guard a.type == e.type else { return "result \(index) is \(a.type), not \(e.type)" }
      let pairs = zip(a.doubles(), e.doubles())
      let limit = e.element.isFloat ? absolute : Double(steps)
      if let worst = pairs.first(where: { !(abs($0 - $1) <= limit) }) {
        return "result \(index) has \(worst.0) where it had \(worst.1)"
      }
    }
    return nil
  }

  /// Sees the largest finite float; confined to one run of the interpreter, which is sequential.
  private final class Peak: @unchecked Sendable {
    var magnitude: Double = 0

    func see(_ tensor: Tensor) {
      guard tensor.element.isFloat else { return }
      for value in tensor.doubles() where value.isFinite {
        magnitude = max(magnitude, value.magnitude)
      }
    }
  }
}
