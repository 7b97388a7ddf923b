import IR
import Passes

/// Which operations of a module a target cannot take, and why.
struct SupportCheck: Sendable {
  let targetName: String
  let violations: [Violation]
  /// Of the operations that fall back, what the fallback cannot take either.
  let homeless: [Violation]

  init(_ module: Module, _ backend: any Backend, name: String) {
    targetName = name
    var violations: [Violation] = []
    var homeless: [Violation] = []
    for function in module.functions {
      let graph = function.graph
      let found = SupportReport(graph, backend.constraints).violations
      violations += found
      guard backend.hasFallback else { continue }
      let falling = Set(found.flatMap(\.node.results))
      homeless += SupportReport(graph, backend.fallbackConstraints).violations.filter { violation in
        violation.node.results.contains { falling.contains($0) }
      }
    }
    self.violations = violations
    self.homeless = homeless
  }

  /// The violations that nothing but a fallback mends: the conversions between float and integers
  /// at a model's border belong to the host in any case.
  var beyondBorder: [Violation] {
    violations.filter { violation in
      let mnemonic = type(of: violation.node.operation).mnemonic
      return mnemonic != "quantize" && mnemonic != "dequantize"
    }
  }

  func diagnostics(_ violations: [Violation], file: String) -> [Diagnostic] {
    violations.map { $0.diagnostic(target: targetName).inFile(file) }
  }
}
