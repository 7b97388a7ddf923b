import Foundation
import Testing

/// `test-plugin` finds what is wrong with a plugin.
@Suite("plugins: the conformance kit")
struct PluginKitTests {
  private func operation(infer: String, evaluate: String, c: String, isPure: Bool = true) -> String {
    """
    import IR
    struct Faulty: IR.Operation, CEmittable {
      static let mnemonic = "faulty"
      static let summary = "y = 2 · x"
      static let arity = Arity(1)
      func infer(_ operands: OperandTypes) throws -> [TensorType] {
        guard operands[0].element == .f32 else { throw OperationError("f32 only") }
        return [\(infer)]
      }
      func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
        let x = operands[0].array(of: Float.self)
        \(evaluate)
      }
      func emitC(_ view: OperationView) throws -> CCall {
        let source = CSource(
          "faulty.h",
          "static void faulty(const float *x, float *y, int n) "
            + "{ for (int i = 0; i < n; i++) y[i] = \(c); }\\n")
        return CCall(
          "faulty", [.operand(0), .result, .int(view.resultType().shape.count)], source: source)
      }
    }
    @_cdecl("edgecc_swift_plugin_register")
    public func register(_ host: UnsafeMutableRawPointer) {
      registerPlugin("faulty", version: "1.0.0", in: host) { $0.register(operation: Faulty.self) }
    }
    """
  }

  private static let right = "return [Tensor(operands[0].shape, x.map { 2 * $0 })]"

  private func outcome(_ source: String) throws -> Tool.Outcome {
    let scratch = try Scratch()
    return try Tool.run(["test-plugin", try PluginBench.build(source, "Faulty.swift", in: scratch)])
  }

  @Test(
    "an operation whose parts disagree",
    arguments: [
      ("operands[0]", right, "2.0f * x[i]", ""),
      ("operands[0]", right, "3.0f * x[i]", "differs from the interpreter's"),
      (
        "operands[0]", "return [Tensor([x.count], x)]", "2.0f * x[i]",
        "gave tensor<6xf32> where tensor<2x3xf32> is declared"
      ),
      (
        "operands[0]", "return [Tensor(operands[0].shape, x.map { $0 * Float.random(in: 1...2) })]",
        "2.0f * x[i]", "two evaluations differ"
      ),
      (
        "operands[0].shape.isStatic ? operands[0] : TensorType(.f32, [7])", right, "2.0f * x[i]",
        "for unknown extents it infers tensor<7xf32>"
      ),
    ])
  func disagreement(infer: String, evaluate: String, c: String, problem: String) throws {
    let outcome = try outcome(operation(infer: infer, evaluate: evaluate, c: c))
    #expect(outcome.status == (problem.isEmpty ? 0 : 1), "\(outcome.output)\(outcome.errors)")
    #expect(problem.isEmpty || outcome.output.contains(problem), "\(outcome.output)")
  }

  @Test("a pass that changes results")
  func wrongPass() throws {
    let outcome = try outcome(
      """
      import IR
      struct DropNegate: Pattern {
        static let name = "drop-negate"
        func rewrite(_ root: Negate, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
          rewriter.replace(id, with: rewriter.graph[id].operands)
          return true
        }
      }
      @_cdecl("edgecc_swift_plugin_register")
      public func register(_ host: UnsafeMutableRawPointer) {
        registerPlugin("wrong", version: "1.0.0", in: host) { $0.register(pattern: DropNegate.self) }
      }
      """)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("'opposite' computes something else"), "\(outcome.output)")
  }
}
