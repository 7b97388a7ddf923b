import IR

/// Puts an artifact into a folder, whole or not at all.
struct ArtifactFolder {
  let path: String

  /// Writes everything into a folder beside `path` and then renames it, taking the place of an
  /// older artifact or an empty folder. Anything else at `path` is left alone.
  ///
  /// - Throws: a `Diagnostic` naming the folder or file.
  func write(_ artifact: Artifact, _ manifest: Manifest) throws {
    try refuseForeignFolder()
    let final = ArtifactFolder.withoutTrailingSlash(path)
    let staging = ArtifactFolder.sibling(of: final, "new")
    let retired = ArtifactFolder.sibling(of: final, "old")
    FileTree.remove(staging)
    defer { FileTree.remove(staging) }
    try FileTree.makeFolder(staging)
    for file in artifact.files {
      let target = FileTree.join(staging, try ArtifactFolder.checked(file.path))
      let parent = target.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      try FileTree.makeFolder(parent.joined(separator: "/"))
      try FileTree.write(file.contents, to: target)
    }
    try FileTree.write(try manifest.bytes(), to: FileTree.join(staging, Manifest.fileName))
    guard FileTree.exists(final) else { return try FileTree.move(staging, to: final) }
    FileTree.remove(retired)
    try FileTree.move(final, to: retired)
    do {
      try FileTree.move(staging, to: final)
    } catch {
      try FileTree.move(retired, to: final)
      throw error
    }
    FileTree.remove(retired)
  }

  private func refuseForeignFolder() throws {
    guard FileTree.exists(path) else { return }
    guard FileTree.isFolder(path) else {
      throw Diagnostic.error("an artifact is a folder, and this is a file", file: path)
    }
    let names = try FileTree.names(in: path)
    guard names.isEmpty || names.contains(Manifest.fileName) else {
      throw Diagnostic.error(
        "the folder holds other files than an artifact's: it would be replaced as a whole",
        file: path, help: ["name a new folder with -o"])
    }
  }

  private static func withoutTrailingSlash(_ path: String) -> String {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// A hidden name in the same folder, so that the rename stays within one file system.
  private static func sibling(of path: String, _ suffix: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let last = parts.removeLast()
    parts.append(".\(last).\(suffix)")
    return parts.joined(separator: "/")
  }

  private static func checked(_ path: String) throws -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." }) else {
      throw Diagnostic.internalError("a target emits a file named '\(path)'")
    }
    return path
  }
}
