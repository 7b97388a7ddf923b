import Frontends
import IR
import Passes

/// The road that a fuzzed file goes: read, verify, print, parse, print again, canonicalise, and,
/// where it is small, run. Each step may refuse the file with a diagnostic; a broken promise between
/// the steps ends the process.
public struct FuzzRoad: Sendable {
  private let registry: Registry

  /// Elements of all inputs and results up to which a program is run.
  private static let runLimit: Int = 1 << 14

  public init() {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    for frontend in builtinFrontends { registry.register(frontend: frontend) }
    self.registry = registry
  }

  /// Reads `bytes` as a model file of the name `fileName`, whose extension is its format.
  ///
  /// - Returns: whether it was accepted.
  @discardableResult
  public func model(_ bytes: UnsafeRawBufferPointer, fileName: String) -> Bool {
    accepts {
      let storage = Storage(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
      // A folder that is not there: external data are refused, whatever the file says.
      let file = ModelFile(path: "/no-such-folder/\(fileName)", storage: storage)
      var log = DiagnosticLog()
      try follow(try registry.frontend(for: file).load(file, ImportOptions(), &log))
    }
  }

  /// Reads `bytes` as text IR.
  ///
  /// - Returns: whether it was accepted.
  @discardableResult
  public func text(_ bytes: UnsafeRawBufferPointer) -> Bool {
    accepts {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw Diagnostic.error("text IR is UTF-8, this is not")
      }
      try follow(try Parser.parse(text, registry))
    }
  }

  private func accepts(_ body: () throws -> Void) -> Bool {
    do {
      try body()
      return true
    } catch let diagnostic as Diagnostic {
      check(diagnostic)
    } catch let several as Diagnostics {
      several.all.forEach(check)
    } catch is OperationError {
    } catch {
      fatalError("not a diagnostic: \(error)")
    }
    return false
  }

  private func check(_ diagnostic: Diagnostic) {
    guard diagnostic.category != .internal else { fatalError("a fault: \(diagnostic)") }
    _ = "\(diagnostic)"
  }

  private func follow(_ module: Module) throws {
    var module = module
    try Verifier(registry).verify(module)
    let text = Printer.print(module)
    let parsed: Module
    do { parsed = try Parser.parse(text, registry) } catch {
      fatalError("what was printed does not parse: \(error)\n\(text)")
    }
    let again = Printer.print(parsed)
    guard again == text else { fatalError("printing and parsing change\n\(text)\nto\n\(again)") }
    run(module)
    var context = PassContext()
    try PassManager(registry).run(try Pipeline(parsing: "canonicalize"), on: &module, &context)
    run(module)
  }

  /// Runs `main` on zeros where that is quick.
  private func run(_ module: Module) {
    let graph = module.main.graph
    let values = graph.arguments + graph.allOperations().flatMap { graph[$0].results }
    var total = 0
    for value in values {
      guard let count = graph[value].shape.checkedCount, count < FuzzRoad.runLimit else { return }
      total += count
    }
    let macs = graph.allOperations().map { id in
      let node = graph[id]
      return node.operation.macs(
        operands: node.operands.map { graph[$0] }, results: node.results.map { graph[$0] })
    }
    guard total < FuzzRoad.runLimit, macs.allSatisfy({ $0 < 1 << 20 }), macs.count < 100,
      !graph.allOperations().contains(where: { !graph[$0].regions.isEmpty })
    else { return }
    let inputs = graph.arguments.map { value in
      let type = graph[value]
      if type.element == .string {
        let strings = [String](repeating: "", count: type.shape.count)
        return Tensor(type.shape, strings: strings)
      }
      return Tensor(type, storage: Storage(byteCount: type.byteCount) { _ in })
    }
    _ = accepts { _ = try Interpreter(module.main).run(inputs) }
  }
}
