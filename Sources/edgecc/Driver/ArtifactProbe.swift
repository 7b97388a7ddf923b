import IR

/// Finds the operation at which an artifact leaves the interpreter: compiles the program once more
/// with every intermediate value among its outputs.
struct ArtifactProbe {
  private let compiler: Compiler
  private let imported: ImportRequest

  init(_ compiler: Compiler, _ imported: ImportRequest) {
    self.compiler = compiler
    self.imported = imported
  }

  /// The first operation whose result differs; a sentence where none does any more.
  ///
  /// - Throws: what the target throws.
  func firstDivergence(
    _ lowered: LoweredModel, _ sample: [Tensor], _ limit: StageLimit
  ) throws -> String {
    var probe = lowered
    probe.expose()
    let graph = probe.module.main.graph
    let deployment = try Deployment.compiled(&probe, imported, compiler)
    guard case .runner(let runner) = deployment.executor else { return "" }
    let found = try runner.run([sample]).first ?? []
    let wanted = try Interpreter(probe.module.main).run(sample)
    for (index, pair) in zip(found, wanted).enumerated() where !limit.accepts(pair.0, pair.1) {
      guard let id = graph.producer(of: graph.results[index]) else { continue }
      return Verification.describe(graph[id])
    }
    return "no single operation: with every value kept, the results agree (look at memory reuse)"
  }
}

extension LoweredModel {
  /// Makes every result of every operation of `main` an output, in program order.
  fileprivate mutating func expose() {
    var rewriter = Rewriter(module.main.graph)
    var results: [(name: String, value: Value)] = []
    for id in rewriter.graph.operations(in: rewriter.graph.entry) {
      for value in rewriter.graph[id].results { results.append(("probe_\(results.count)", value)) }
    }
    rewriter.setResults(results)
    module.main.graph = rewriter.finish()
  }
}
