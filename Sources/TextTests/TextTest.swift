import IR

/// A test written as text: a module, `// RUN:` lines that say which passes run, and directives that
/// say what is to come of it. A file holds one or several, parted by lines `// -----`.
///
/// Docs/testing.md describes the directives. `CHECK` and its forms mean what they mean in LLVM's
/// FileCheck (llvm.org/docs/CommandGuide/FileCheck.html), `expected-…` what MLIR's diagnostic
/// verifier makes of it.
public struct TextTest: Sendable {
  public let path: String
  /// The line of the file that the part begins at, from 1.
  public let firstLine: Int
  /// Whether the file has other parts.
  public let isPart: Bool
  let lines: [String]
  let runs: [RunLine]
  let directives: [Directive]
  let expected: [ExpectedDiagnostic]
  let sameResult: Bool
  /// What is wrong with the test itself.
  let faults: [Diagnostic]

  /// The module with its comments.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// Whether any RUN line was found: a module without one is no test.
  public var hasRuns: Bool { !runs.isEmpty || text.contains("// RUN:") }

  /// `fold.eir`, or `fold.eir:12` for a part of a file.
  public var name: String { isPart ? "\(path):\(firstLine)" : path }

  /// The directives that speak of the result of `run`.
  func directives(_ run: RunLine) -> [Directive] {
    directives.filter { run.prefixes.contains($0.prefix) }
  }

  /// The first directive that needs a result of `run`.
  func resultDirective(_ run: RunLine) -> (title: String, line: Int)? {
    if let first = directives(run).first { return (first.title, first.line) }
    return sameResult ? ("CHECK-SAME-RESULT", run.line) : nil
  }

  /// The tests of a file. What is wrong with them is told when they run.
  public static func parse(_ text: String, path: String) -> [TextTest] {
    var parts: [(first: Int, lines: [String])] = [(1, [])]
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("// -----") {
        parts.append((index + 2, []))
      } else {
        parts[parts.count - 1].lines.append(String(line))
      }
    }
    var shared: [RunLine] = []
    return parts.map { part in
      var reader = DirectiveReader(path: path, firstLine: part.first, lines: part.lines)
      reader.read(sharing: shared)
      // The first part's runs are those of every part that has none of its own.
      if part.first == 1 { shared = reader.runs }
      return TextTest(
        path: path, firstLine: part.first, isPart: parts.count > 1, lines: part.lines,
        runs: reader.runs, directives: reader.directives, expected: reader.expected,
        sameResult: reader.sameResult, faults: reader.faults)
    }
  }
}
