import IR
import TextTests

/// Finds text tests in files and folders.
enum TextTestFinder {
  /// The tests of every path, in order: of a file all, of a folder those of the `.eir` files below it
  /// that have a RUN line.
  ///
  /// - Throws: a `Diagnostic` for a path that cannot be read.
  static func tests(in paths: [String]) throws -> [TextTest] {
    try paths.flatMap { path in
      try FileTree.isFolder(path) ? folder(path) : file(path)
    }
  }

  private static func folder(_ path: String) throws -> [TextTest] {
    var tests: [TextTest] = []
    for name in try FileTree.names(in: path) where !name.hasPrefix(".") {
      let inner = FileTree.join(path, name)
      if FileTree.isFolder(inner) {
        tests += try folder(inner)
      } else if name.hasSuffix(".eir") {
        tests += try file(inner).filter(\.hasRuns)
      }
    }
    return tests
  }

  private static func file(_ path: String) throws -> [TextTest] {
    guard let text = String(validating: try FileTree.read(path), as: UTF8.self) else {
      throw Diagnostic.error("text IR is UTF-8, this is not", file: path)
    }
    return TextTest.parse(text, path: path)
  }
}
