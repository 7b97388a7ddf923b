import Foundation
import Testing

/// Plugins that fail at work: reported with the plugin's name, whatever they do.
@Suite("plugins: failures at work")
struct PluginCrashTests {
  private static let model = """
    module @m {
      func @main(%x: tensor<4xf32>) -> (y: tensor<4xf32>) {
        %0 = negate(%x) : tensor<4xf32> loc("node")
        return %0
      }
    }
    """

  /// A C plugin with one pass whose body is `body`.
  private func pass(_ body: String) -> String {
    """
    #include "edgecc_plugin.h"
    #include <stdlib.h>
    static int depth(volatile int *x) { volatile int y[256]; y[0] = *x + 1; return depth(y) + y[0]; }
    static edgecc_status run(const edgecc_host *host, edgecc_context *context, void *user)
    {
        (void)host; (void)context; (void)user; (void)depth;
        \(body)
        return EDGECC_OK;
    }
    edgecc_status edgecc_plugin_register(const edgecc_host *host)
    {
        static const edgecc_identity identity = {EDGECC_PLUGIN_API_VERSION, "shaky", "1.0.0"};
        static const edgecc_pass pass = {.name = "shake", .summary = "breaks", .run = run};
        if (host->identify(host, &identity) != EDGECC_OK) return EDGECC_FAILED;
        return host->register_pass(host, &pass);
    }
    """
  }

  private func run(_ source: String, _ file: String) throws -> Tool.Outcome {
    let scratch = try Scratch()
    let library = try PluginBench.build(source, file, in: scratch)
    let model = scratch.url.appending(path: "m.eir")
    try Data(Self.model.utf8).write(to: model)
    return try Tool.run(
      ["opt", model.path(), "--pass-pipeline", "shake", "--load-plugin", library],
      environment: ["SWIFT_BACKTRACE": "enable=no"])
  }

  @Test(
    "a trap in C names the plugin and what it was at",
    arguments: [
      ("*(volatile int *)8 = 1;", "SIGSEGV"), ("abort();", "SIGABRT"),
      ("volatile int n = 7, zero = 0; volatile int r = n / zero; (void)r;", "SIGFPE"),
      ("__builtin_trap();", "SIGILL"),
      ("int x = 0; return depth(&x);", "SIGSEGV"),
    ])
  func trap(body: String, signal: String) throws {
    let outcome = try run(pass(body), "shaky.c")
    #expect(outcome.status == 70, "\(outcome.status) \(outcome.errors)")
    #expect(
      outcome.errors.contains("error: plugin 'shaky' crashed in pass 'shake' (\(signal)"),
      "\(outcome.errors)")
  }

  @Test("a trap in C while it registers names the library")
  func trapInRegistration() throws {
    let scratch = try Scratch()
    let library = try PluginBench.build(
      """
      #include "edgecc_plugin.h"
      edgecc_status edgecc_plugin_register(const edgecc_host *host)
      {
          *(volatile int *)8 = 1;
          return host ? EDGECC_OK : EDGECC_FAILED;
      }
      """, "early.c", in: scratch)
    let outcome = try Tool.run(["passes", "--load-plugin", library])
    #expect(outcome.status == 70, "\(outcome.errors)")
    #expect(outcome.errors.contains("\(library)' crashed"), "\(outcome.errors)")
  }

  @Test(
    "a failed check of Swift's names the plugin, too",
    arguments: ["_ = [1, 2, 3][context.functionName.count]", "preconditionFailure(\"no\")"])
  func swiftTrap(body: String) throws {
    let outcome = try run(
      """
      import IR
      struct Shake: Pass {
        static let name = "shake"
        static let summary = "breaks"
        init(options: PassOptions) {}
        func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
          \(body)
        }
      }
      @_cdecl("edgecc_swift_plugin_register")
      public func register(_ host: UnsafeMutableRawPointer) {
        registerPlugin("shaky-swift", version: "1.0.0", in: host) { $0.register(pass: Shake.self) }
      }
      """, "Shaky.swift")
    #expect(outcome.status == 70, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains("plugin 'shaky-swift' crashed"), "\(outcome.errors)")
  }

  @Test(
    "what a pass in Swift throws, and a module that it breaks, name the plugin",
    arguments: [
      ("throw Diagnostic.error(\"the moon is full\")", "the moon is full"),
      ("throw OperationError(\"the moon is new\")", "pass 'shake': the moon is new"),
      (
        """
        let id = rewriter.graph.allOperations()[0]
        rewriter.setOperand(0, of: id, to: rewriter.graph[id].results[0])
        """, "pass 'shake': leaves what does not verify"
      ),
    ])
  func swiftErrors(body: String, sentence: String) throws {
    let outcome = try run(
      """
      import IR
      struct Shake: Pass {
        static let name = "shake"
        static let summary = "breaks"
        init(options: PassOptions) {}
        func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {
          \(body)
        }
      }
      @_cdecl("edgecc_swift_plugin_register")
      public func register(_ host: UnsafeMutableRawPointer) {
        registerPlugin("shaky-swift", version: "1.0.0", in: host) { $0.register(pass: Shake.self) }
      }
      """, "Shaky.swift")
    #expect(outcome.status == 2, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    #expect(outcome.errors.contains("is of plugin 'shaky-swift' 1.0.0"), "\(outcome.errors)")
  }

  @Test(
    "what the table of functions refuses is the plugin's failure, in a sentence",
    arguments: [
      ("return host->erase(context, 12345);", "there is no operation with handle 12345"),
      ("return host->erase(context, -7);", "there is no operation with handle -7"),
      (
        "const edgecc_operation *list; host->operations(context, &list);"
          + "return host->erase(context, list[0]);", "results are in use"
      ),
      (
        "const edgecc_operation *list; host->operations(context, &list);"
          + "return host->set_operand(context, list[0], 5, 0);", "has no operand 5"
      ),
      (
        "edgecc_insertion i = {.mnemonic = \"nonsense\", .before = EDGECC_NONE};"
          + "return host->insert(context, &i, 0, 0);", "no operation is named 'nonsense'"
      ),
      ("return EDGECC_FAILED;", "it does not say why"),
      ("host->fail(context, \"the moon is full\"); return EDGECC_FAILED;", "the moon is full"),
      ("return host->c_result(context);", "there is no C to write here"),
    ])
  func refusals(body: String, sentence: String) throws {
    let outcome = try run(pass(body), "shaky.c")
    #expect(outcome.status == 2, "\(outcome.status) \(outcome.errors)")
    #expect(
      outcome.errors.contains("plugin 'shaky' fails in pass 'shake': \(sentence)")
        || (outcome.errors.contains("plugin 'shaky'") && outcome.errors.contains(sentence)),
      "\(outcome.errors)")
  }
}
