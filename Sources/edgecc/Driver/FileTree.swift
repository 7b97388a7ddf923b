import IR

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Folders and files, with failures as diagnostics.
enum FileTree {
  static func isFolder(_ path: String) -> Bool {
    var folder: Bool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &folder) && folder
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The last component without its extension.
  static func stem(_ path: String) -> String {
    ModelFile(path: path, storage: Storage(strings: [])).stem
  }

  /// The names in `folder`, sorted.
  static func names(in folder: String) throws -> [String] {
    try attempt("the folder cannot be read", folder) {
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
  }

  static func read(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Diagnostic.error("the file cannot be read", file: path)
    }
    return [UInt8](data)
  }

  static func makeFolder(_ path: String) throws {
    try attempt("the folder cannot be made", path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  /// Writes beside the file and renames, so that nobody sees a half-written one.
  static func write(_ bytes: [UInt8], to path: String) throws {
    try attempt("the file cannot be written", path) {
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    }
  }

  static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  static func move(_ source: String, to destination: String) throws {
    try attempt("the folder cannot be moved into place", destination) {
      try FileManager.default.moveItem(atPath: source, toPath: destination)
    }
  }

  /// Removes what is there; nothing if it is not.
  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  private static func attempt<T>(
    _ message: String, _ path: String, _ body: () throws -> T
  ) throws -> T {
    do { return try body() } catch {
      throw Diagnostic.error("\(message): \(reason(error))", file: path)
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: return "there is no such file or folder"
    case .fileWriteNoPermission, .fileReadNoPermission: return "permission denied"
    case .fileWriteOutOfSpace: return "no space is left"
    case .fileWriteFileExists: return "something of that name is there"
    default: return "error \(error.code.rawValue)"
    }
  }
}

/// A folder that goes when its owner does.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let name = "edgecc-\(UUID().uuidString)"
    path = FileTree.join(FileManager.default.temporaryDirectory.path(), name)
    try FileTree.makeFolder(path)
  }

  deinit { FileTree.remove(path) }
}
