import Foundation
import Testing

@testable import TextTests

/// The checker against LLVM's FileCheck, where that is installed: the same verdict on random texts
/// and directives.
@Suite struct FileCheckTests {
  static var tool: String? {
    let names = ["FileCheck"] + (11...30).reversed().map { "FileCheck-\($0)" }
    let paths = names.flatMap { ["/usr/bin/\($0)", "/usr/local/bin/\($0)"] }
    return paths.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// A repeatable mixture of words, and of directives that often match.
  struct Case {
    private(set) var text = ""
    private(set) var directives = ""
    private var state: UInt64

    init(seed: UInt64) {
      state = seed
      for _ in 0..<(2 + pick(6)) {
        text += (0..<(1 + pick(4))).map { _ in word() }.joined(separator: " ") + "\n"
      }
      for _ in 0..<(1 + pick(4)) {
        let kind = ["", "", "-NEXT", "-SAME", "-NOT", "-DAG", "-DAG", "-LABEL"][pick(8)]
        directives += "// CHECK\(kind): \(pattern(isLabel: kind == "-LABEL"))\n"
      }
    }

    private mutating func pick(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }

    private mutating func word() -> String { ["a", "b", "ab", "c", "ca", "d"][pick(6)] }

    private mutating func pattern(isLabel: Bool) -> String {
      switch pick(isLabel ? 3 : 6) {
      case 0, 1: return word()
      case 2: return ["{{a|c}}", "{{b+}}", "{{^}}a", "{{[cd]$}}", "a{{.?}}"][pick(5)]
      case 3: return "[[V:[a-d]+]]"
      case 4: return "[[V:[ab]]]{{ +}}[[V]]"
      default: return "[[V]]"
      }
    }
  }

  @Test(.enabled(if: FileCheckTests.tool != nil))
  func sameVerdict() throws {
    let tool = try #require(FileCheckTests.tool)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "filecheck-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var passes = 0
    for seed in 0..<400 as Range<UInt64> {
      let sample = Case(seed: seed)
      let test = try #require(
        TextTest.parse("// RUN:\n" + sample.directives, path: "t").first)
      var checker = Checker(path: "t", output: OutputText(sample.text))
      checker.check(test.directives)
      let mine = test.faults.isEmpty && checker.complaints.isEmpty
      let theirs = try verdict(tool, sample, folder)
      passes += theirs ? 1 : 0
      #expect(mine == theirs, "seed \(seed):\n\(sample.directives)\n\(sample.text)")
    }
    // Both verdicts occur often.
    #expect((60...340).contains(passes), "\(passes)")
  }

  private func verdict(_ tool: String, _ sample: Case, _ folder: URL) throws -> Bool {
    let (input, checks) = (folder.appending(path: "input"), folder.appending(path: "checks"))
    try sample.text.write(to: input, atomically: false, encoding: .utf8)
    try sample.directives.write(to: checks, atomically: false, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = ["--input-file=\(input.path())", checks.path()]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
