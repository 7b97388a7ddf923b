import IR
import Passes
import Testing

/// The passes on text: what they make of it, that it means the same, and that a second run changes
/// nothing.
@Suite struct LitTests {
  private var registry: Registry {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    return registry
  }

  @Test func thereAreFiles() { #expect(LitFile.all(in: "passes").count >= 10) }

  @Test(arguments: LitFile.all(in: "passes"))
  func passesDoWhatTheirFilesSay(file: LitFile) throws {
    let before = try Parser.parse(file.text, registry)
    let printed = Printer.print(before)
    #expect(Printer.print(try Parser.parse(printed, registry)) == printed)
    let pipeline = try #require(file.pipeline, "no RUN line")
    let after = try run(pipeline, before)
    let output = Printer.print(after)
    #expect(file.complaints(about: output).isEmpty, "\(file.complaints(about: output))\n\(output)")
    #expect(Printer.print(try Parser.parse(output, registry)) == output)
    let again = Printer.print(try run(pipeline, after))
    #expect(again == output, "a second run changes something:\n\(output)\n\(again)")
    if file.wantsSameResult { try compare(before, after) }
  }

  private func run(_ pipeline: String, _ module: Module) throws -> Module {
    var module = module
    var context = PassContext()
    try PassManager(registry).run(Pipeline(parsing: pipeline), on: &module, &context)
    return module
  }

  private func compare(_ before: Module, _ after: Module) throws {
    let inputs = before.main.inputs.enumerated().map { index, input in
      sample(input.type, seed: index)
    }
    let expected = try Interpreter(before.main).run(inputs)
    let actual = try Interpreter(after.main).run(inputs)
    for (a, e) in zip(actual, expected) {
      #expect(a.type == e.type)
      if e.element.isFloat {
        for (x, y) in zip(a.doubles(), e.doubles()) { #expect(abs(x - y) <= 1e-5 * (1 + abs(y))) }
      } else {
        #expect(a.integers() == e.integers())
      }
    }
  }

  /// A repeatable mixture of values across the type's range.
  private func sample(_ type: TensorType, seed: Int) -> Tensor {
    let raw = (0..<type.shape.count).map { (($0 + seed) &* 7919 &+ 31) % 255 - 127 }
    if type.element.isFloat {
      return Tensor.from(doubles: raw.map { Double($0) / 64 }, type.element, type.shape)
    }
    return Tensor.from(integers: raw, type.element, type.shape).reinterpreted(as: type)
  }
}
