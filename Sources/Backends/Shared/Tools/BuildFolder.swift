import Foundation
import IR

/// A folder for compiled programs, named by what goes into it, so that the same source is compiled
/// once. Artifact folders stay as they were emitted.
struct BuildFolder {
  let url: URL
  let files: [ArtifactFile]

  /// - Parameter recipe: compiler and flags, which are part of the name.
  init(_ files: [ArtifactFile], recipe: String) {
    self.files = files
    var digest = ContentDigest()
    digest.add(Array(recipe.utf8))
    for file in files {
      digest.add(Array(file.path.utf8))
      digest.add(file.contents)
    }
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("edgecc-build-\(getuid())", isDirectory: true)
      .appendingPathComponent(digest.text, isDirectory: true)
  }

  /// The path of `product`, made by `build` in a fresh folder with the files if it is not there.
  func product(_ product: String, _ build: (URL) throws -> Void) throws -> String {
    let manager = FileManager.default
    let finished = url.appendingPathComponent(product)
    if manager.isExecutableFile(atPath: finished.path) { return finished.path }
    let parent = url.deletingLastPathComponent()
    let fresh = parent.appendingPathComponent("new-\(UUID().uuidString)", isDirectory: true)
    do {
      try manager.createDirectory(
        at: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try BuildFolder.write(files, to: fresh)
    } catch {
      throw Diagnostic.unsupported(
        "cannot write to '\(fresh.path)': \(error.localizedDescription)")
    }
    defer { try? manager.removeItem(at: fresh) }
    try build(fresh)
    // Another process may have been faster; its product is the same.
    if (try? manager.moveItem(at: fresh, to: url)) == nil {
      try? manager.removeItem(at: url)
      try? manager.moveItem(at: fresh, to: url)
    }
    guard manager.fileExists(atPath: finished.path) else {
      throw Diagnostic.internalError("'\(product)' was not built")
    }
    return finished.path
  }

  static func write(_ files: [ArtifactFile], to folder: URL) throws {
    for file in files {
      let target = folder.appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.contents).write(to: target)
    }
  }

  /// The files of an artifact's folder whose names end in one of `suffixes`.
  static func read(_ folder: String, suffixes: [String]) throws -> [ArtifactFile] {
    let root = URL(fileURLWithPath: folder, isDirectory: true)
    guard let paths = FileManager.default.enumerator(atPath: root.path) else {
      throw Diagnostic.error("cannot read the artifact's folder", file: folder)
    }
    var files: [ArtifactFile] = []
    for case let path as String in paths where suffixes.contains(where: { path.hasSuffix($0) }) {
      guard let data = try? Data(contentsOf: root.appendingPathComponent(path)) else {
        throw Diagnostic.error("cannot read '\(path)'", file: folder)
      }
      files.append(ArtifactFile(path, [UInt8](data)))
    }
    return files.sorted { $0.path < $1.path }
  }
}

/// A 128-bit FNV-1a over byte runs; names folders, guards nothing.
struct ContentDigest {
  private var low: UInt64 = 0xcbf2_9ce4_8422_2325
  private var high: UInt64 = 0x8422_2325_cbf2_9ce4

  mutating func add(_ bytes: [UInt8]) {
    for byte in bytes {
      low = (low ^ UInt64(byte)) &* 0x100_0000_01b3
      high = (high ^ UInt64(byte) ^ (low >> 32)) &* 0x100_0000_01b3
    }
    low ^= UInt64(bytes.count)
  }

  var text: String {
    [low, high].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
