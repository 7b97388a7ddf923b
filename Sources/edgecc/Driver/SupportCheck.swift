import IR
import Passes

/// Which operations of a module a target cannot take, and why.
struct SupportCheck: Sendable {
  let targetName: String
  let violations: [Violation]

  init(_ module: Module, _ backend: any Backend, name: String) {
    targetName = name
    violations = module.functions.flatMap { function in
      SupportReport(function.graph, backend.constraints).violations
    }
  }

  /// The violations that nothing but a fallback mends: the conversions between float and integers at
  /// a model's border belong to the host in any case.
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
