import Foundation
import IR
import Passes
import Testing
import TextTests

/// The text tests of `Tests/Lit`, by the tool that `edgecc test` is: what passes make of a module,
/// that it means the same, and that a second run changes nothing.
@Suite struct LitTests {
  private var registry: Registry {
    var registry = Registry()
    for pass in builtinPasses { registry.register(pass: pass) }
    return registry
  }

  /// Every test of `Tests/Lit`.
  static func all() throws -> [TextTest] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Lit").path
    let files = try FileManager.default.subpathsOfDirectory(atPath: root)
    return try files.filter { $0.hasSuffix(".eir") }.sorted().flatMap { file in
      TextTest.parse(try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8), path: file)
    }
  }

  @Test func thereAreFiles() throws { #expect(try LitTests.all().count >= 17) }

  @Test(arguments: try LitTests.all())
  func passesDoWhatTheirFilesSay(test: TextTest) throws {
    var runner = TextTestRunner(registry)
    runner.demandsIdempotence = true
    let complaints = runner.run(test).complaints
    #expect(complaints.isEmpty, "\(complaints.map { "\($0)" }.joined(separator: "\n"))")
  }
}

extension TextTest: CustomTestStringConvertible {
  public var testDescription: String { name }
}
