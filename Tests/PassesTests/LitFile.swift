import Foundation
import IR
import Passes
import Testing

/// A test written as text: `// RUN:` names a pass pipeline, the rest is a module, and `// CHECK:`
/// lines say in order what the result must contain (`CHECK-NOT:` what it must not contain after the
/// line found last). `// CHECK-SAME-RESULT` also runs the module before and after on seeded inputs.
struct LitFile: CustomTestStringConvertible, Sendable {
  let path: String
  let text: String

  var testDescription: String { path.split(separator: "/").suffix(2).joined(separator: "/") }

  /// Every `.eir` file of `Tests/Lit/<folder>`.
  static func all(in folder: String) -> [LitFile] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Lit/\(folder)").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return names.filter { $0.hasSuffix(".eir") }.sorted().map { name in
      let path = "\(root)/\(name)"
      return LitFile(path: path, text: (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
    }
  }

  var pipeline: String? { directives("RUN:").first }
  var wantsSameResult: Bool { text.contains("// CHECK-SAME-RESULT") }

  private func directives(_ key: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      guard let range = line.range(of: "// \(key)") else { return nil }
      return String(line[range.upperBound...]).trimmingCharacters(in: .whitespaces)
    }
  }

  /// What `output` lacks, line by line; empty where it is as it should be.
  func complaints(about output: String) -> [String] {
    let lines = output.split(separator: "\n").map(String.init)
    var next = 0
    var problems: [String] = []
    for line in text.split(separator: "\n") {
      if let range = line.range(of: "// CHECK-NOT:") {
        let wanted = line[range.upperBound...].trimmingCharacters(in: .whitespaces)
        if lines[next...].contains(where: { $0.contains(wanted) }) {
          problems.append("must not contain: \(wanted)")
        }
      } else if let range = line.range(of: "// CHECK:") {
        let wanted = line[range.upperBound...].trimmingCharacters(in: .whitespaces)
        if let found = lines[next...].firstIndex(where: { $0.contains(wanted) }) {
          next = found + 1
        } else {
          problems.append("not found in order: \(wanted)")
        }
      }
    }
    return problems
  }
}
