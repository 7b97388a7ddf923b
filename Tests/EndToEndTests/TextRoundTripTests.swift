import IR
import Passes
import Testing

/// Print → parse → print is the identity for every model after import, after every pass, and after
/// quantisation.
@Suite struct TextRoundTripTests {
  @Test(arguments: ModelSet.own + ModelSet.shared)
  func printingAndParsingUndoEachOther(path: String) throws {
    let registry = ModelSet.registry
    var module = try ModelSet.load(path)
    try check(module, "import", registry)
    var context = PassContext(
      calibration: ModelSet.samples(for: module, count: 1, seed: 1))
    let isFloat = module.main.inputs.allSatisfy { $0.type.element == .f32 }
    let isStatic = module.main.inputs.allSatisfy { $0.type.shape.isStatic }
    let text = standardPipeline + (isFloat && isStatic ? "," + quantizePipeline : "") + ",lower-tables"
    for step in try Pipeline(parsing: text).steps {
      var pipeline = try Pipeline(parsing: "")
      pipeline.steps = [step]
      try PassManager(registry).run(pipeline, on: &module, &context)
      try check(module, step.name, registry)
    }
  }

  private func check(_ module: Module, _ stage: String, _ registry: Registry) throws {
    let text = Printer.print(module)
    let parsed = try Parser.parse(text, registry)
    #expect(Printer.print(parsed) == text, "after \(stage)")
  }
}
