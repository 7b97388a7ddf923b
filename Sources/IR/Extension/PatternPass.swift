/// One pattern as a pass under its name, for those who write a pattern and want to run it.
struct PatternPass<P: Pattern>: Pass {
  static var name: String { P.name }
  static var summary: String { "applies the pattern '\(P.name)' until it no longer fits" }

  init(options: PassOptions) {}

  func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
    try PatternDriver([AnyPattern(P())]).run(on: &rewriter)
  }
}
