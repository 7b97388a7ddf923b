import Foundation
import IR

/// A compiler for generated C.
public struct CCompiler {
  public let path: String

  /// `$CC`, else the clang beside the Swift toolchain on the search path, else `cc`.
  ///
  /// - Throws: `Diagnostic` where there is none.
  public static func host() throws -> CCompiler {
    if let named = ProcessInfo.processInfo.environment["CC"], !named.isEmpty {
      guard let path = Subprocess.find(named) else {
        throw Diagnostic.error("$CC names '\(named)', which is not a program")
      }
      return CCompiler(path: path)
    }
    if let swift = Subprocess.find("swift") {
      let resolved = URL(fileURLWithPath: swift).resolvingSymlinksInPath()
      for toolchain in [URL(fileURLWithPath: swift), resolved] {
        let clang = toolchain.deletingLastPathComponent().appendingPathComponent("clang").path
        if FileManager.default.isExecutableFile(atPath: clang) { return CCompiler(path: clang) }
      }
    }
    guard let path = Subprocess.find("cc") else {
      throw Diagnostic.unsupported(
        "no C compiler was found", help: ["install one (Debian: gcc), or name one in $CC"])
    }
    return CCompiler(path: path)
  }

  /// Compiles files of `folder` into `output`, a path below it.
  ///
  /// - Throws: `Diagnostic` with the compiler's own words.
  func compile(_ arguments: [String], in folder: URL) throws {
    let outcome = try Subprocess.run(path, arguments, in: folder)
    guard outcome.status == 0 else {
      let lines = outcome.errors.split(separator: "\n").prefix(20).map(String.init)
      throw Diagnostic(
        .error, .internal, "generated C does not compile with '\(path)'", notes: lines)
    }
  }
}
