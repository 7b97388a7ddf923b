import IR
import Passes
import Testing

/// The standard pipeline changes no result: integers stay the same to the last bit, floats within
/// rounding; and running it twice changes nothing more.
@Suite struct PassesKeepMeaningTests {
  @Test(arguments: ModelSet.own + ModelSet.shared)
  func optimisedModelsComputeTheSame(path: String) throws {
    let registry = ModelSet.registry
    let before = try ModelSet.load(path)
    var after = before
    var context = PassContext()
    let pipeline = try Pipeline(parsing: standardPipeline)
    try PassManager(registry).run(pipeline, on: &after, &context)
    let isONNXQuantised = before.source.format == "onnx" && path.contains("q")
    for sample in ModelSet.samples(for: before, count: 2, seed: 7) {
      let expected = try Interpreter(before.main).run(sample)
      let actual = try Interpreter(after.main).run(sample)
      for (a, e) in zip(actual, expected) {
        #expect(a.type.element == e.type.element && a.shape == e.shape)
        compare(a, e, isONNXQuantised)
      }
    }
    let once = Printer.print(after)
    try PassManager(registry).run(pipeline, on: &after, &context)
    #expect(Printer.print(after) == once, "a second run changes something")
  }

  private func compare(_ a: Tensor, _ e: Tensor, _ isONNXQuantised: Bool) {
    if e.element.isFloat {
      let largest = e.doubles().filter(\.isFinite).map(\.magnitude).max() ?? 0
      // QDQ models become integer models: their results may move by some steps of their scale.
      let tolerance = isONNXQuantised ? 0.1 * largest : 1e-4 * largest + 1e-6
      for (x, y) in zip(a.doubles(), e.doubles()) { #expect(abs(x - y) <= tolerance) }
    } else {
      let steps = isONNXQuantised ? 2 : 0
      for (x, y) in zip(a.integers(), e.integers()) { #expect(abs(x - y) <= steps) }
    }
  }
}
