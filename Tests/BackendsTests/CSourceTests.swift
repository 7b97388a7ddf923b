import Foundation
import IR
import Testing

@testable import Backends

/// Generated C under the strictest warnings of two compilers.
@Suite struct CSourceTests {
  static let compilers = ["gcc", "clang"]

  private func compilerPath(_ name: String) -> String? {
    if name == "clang", let swift = Subprocess.find("swift") {
      let sibling = URL(fileURLWithPath: swift).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("clang").path
      if FileManager.default.isExecutableFile(atPath: sibling) { return sibling }
    }
    return Subprocess.find(name)
  }

  @Test(arguments: compilers) func compilesWithoutWarnings(_ name: String) throws {
    guard let path = compilerPath(name) else {
      print("skipped: \(name) is not installed")
      return
    }
    let compiler = CCompiler(path: path)
    for model in try CTestModels.all(seed: 7) {
      var log = DiagnosticLog()
      let artifact = try CPUBackend(options: TargetOptions()).emit(model.module, &log)
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("edgecc-test-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      try BuildFolder.write(artifact.files, to: folder)
      let sources = artifact.files.map(\.path).filter { $0.hasSuffix(".c") }
      for standard in ["c99", "c11"] {
        let flags = ["-std=\(standard)", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic"]
        try compiler.compile(flags + ["-fsyntax-only"] + sources, in: folder)
      }
    }
  }

  @Test func hostileNamesStayInComments() {
    var writer = CWriter()
    writer.comment("a */ int x; /* b \u{1}\n??/ c")
    #expect(!writer.text.dropLast(3).contains("*/"))
    #expect(!writer.text.contains("??/"))
  }

  @Test func namesBecomeDistinctIdentifiers() {
    let names = CIdentifier.distinct(["a/b", "a.b", "", "9", "int", "é"], fallback: "input")
    #expect(names == ["a_b", "a_b_2", "input_2", "input_3_9", "int_", "input_5"])
  }

  @Test(arguments: [0, 1, -1, 0.1, 1e-40, 3.4e38, 16_777_217.0] as [Float])
  func floatLiteralsReadBack(_ value: Float) {
    #expect(Float(CLiteral.float(value).dropLast()) == value)
  }

  @Test func onlyKernelsInUseAreWritten() throws {
    var log = DiagnosticLog()
    let model = try CTestModels.conversions(seed: 3)
    let files = try CPUBackend(options: TargetOptions()).emit(model.module, &log).files
    let kernels = files.map(\.path).filter { $0.hasPrefix("kernels/") }
    #expect(
      kernels == [
        "kernels/edgecc_common.h", "kernels/edgecc_dequantize.h",
        "kernels/edgecc_quantize_f32.h", "kernels/edgecc_requantise.h",
      ])
  }
}
