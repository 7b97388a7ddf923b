import Backends
import CPlugin
import IR

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Builds a plugin's sources into a library.
///
/// Swift is compiled against the module files beside the binary, and the symbols of module IR are
/// left to be found in the executable that loads the plugin. Linking them in would give the plugin a
/// copy of IR of its own, whose types no cast recognises.
struct PluginBuilder {
  let language: PluginIdentity.Language
  private let files: [String]
  private let stem: String
  private let debug: Bool

  /// - Parameter source: a file, or a folder with files of one language.
  /// - Throws: a `Diagnostic` where there is nothing to build.
  init(source: String, debug: Bool) throws {
    self.debug = debug
    var folder = source
    while folder.count > 1 && folder.hasSuffix("/") { folder.removeLast() }
    stem = FileTree.stem(folder)
    var files = [source]
    if FileTree.isFolder(source) {
      files = try FileTree.names(in: source).filter { $0.hasSuffix(".swift") || $0.hasSuffix(".c") }
        .map { FileTree.join(source, $0) }
    } else if !FileTree.exists(source) {
      throw Diagnostic.error("there is no such file or folder", file: source)
    }
    let swift = files.filter { $0.hasSuffix(".swift") }
    let c = files.filter { $0.hasSuffix(".c") }
    guard swift.isEmpty != c.isEmpty, swift.count + c.count == files.count else {
      throw Diagnostic.error(
        swift.isEmpty
          ? "there is no Swift and no C here" : "a plugin is in Swift or in C, not in both",
        file: source, help: ["'edgecc plugin new NAME' writes a plugin to start from"])
    }
    language = swift.isEmpty ? .c : .swift
    self.files = files.map { PluginBuilder.absolute($0) }
  }

  /// What the plugin is built against.
  var interface: String {
    language == .swift
      ? "\(PluginStamp.own)"
      : "version \(EDGECC_PLUGIN_API_VERSION) of the C interface of edgecc \(IR.Edgecc.version)"
  }

  /// - Throws: a `Diagnostic` with the compiler's own words.
  func build(to output: String) throws {
    let path = PluginBuilder.absolute(output)
    switch language {
    case .swift: try buildSwift(path)
    case .c: try buildC(path)
    }
  }

  private func buildSwift(_ output: String) throws {
    let modules = try PluginBuilder.modules()
    guard let compiler = Subprocess.find("swiftc") else {
      throw Diagnostic.unsupported(
        "no Swift compiler was found",
        help: ["install the toolchain that edgecc was built with, and have 'swiftc' on the path"])
    }
    let options = debug ? ["-Onone", "-g"] : ["-O"]
    try run(
      compiler,
      ["-emit-library", "-parse-as-library", "-swift-version", "6", "-module-name", moduleName]
        + options + ["-I", modules] + files + ["-o", output])
  }

  private func buildC(_ output: String) throws {
    let include = try TemporaryFolder()
    var size: Int = 0
    let text = edgecc_plugin_header_text(&size)
    try FileTree.write(
      Array(UnsafeBufferPointer(start: text, count: size)),
      to: FileTree.join(include.path, "edgecc_plugin.h"))
    let options = debug ? ["-O0", "-g"] : ["-O2"]
    try run(
      try CCompiler.host().path,
      ["-shared", "-fPIC", "-std=c99", "-Wall", "-Wextra"] + options + ["-I", include.path] + files
        + ["-lm", "-o", output])
  }

  private func run(_ compiler: String, _ arguments: [String]) throws {
    let scratch = try TemporaryFolder()
    let outcome = try Subprocess.run(compiler, arguments, in: URL(filePath: scratch.path))
    guard outcome.status == 0 else {
      let lines = (outcome.errors + outcome.output).split(separator: "\n").prefix(40)
      throw Diagnostic.error(
        "the plugin does not compile", file: files.count == 1 ? files[0] : stem,
        notes: lines.map { String($0) })
    }
  }

  /// A Swift module's name, which is not one of edgecc's.
  private var moduleName: String {
    let word = ModelLoader.identifier(stem)
    return ["IR", "Swift"].contains(word) ? word + "Plugin" : word
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileTree.join(FileManager.default.currentDirectoryPath, path)
  }

  /// The folder with `IR.swiftmodule`: beside the binary, or where an installation has it.
  private static func modules() throws -> String {
    let folder = try executable().deletingLastPathComponent()
    let candidates = [
      folder.appending(path: "Modules"), folder.appending(path: "../lib/edgecc/Modules"),
    ]
    for candidate in candidates
    where FileTree.exists(candidate.appending(path: "IR.swiftmodule").path()) {
      return candidate.path()
    }
    throw Diagnostic.unsupported(
      "the module files that a Swift plugin is built against are not beside edgecc",
      notes: candidates.map { "'\($0.path())' has no IR.swiftmodule" },
      help: ["use the edgecc that 'make build' leaves in .build, or write the plugin in C"])
  }

  private static func executable() throws -> URL {
    #if os(Linux)
      if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
        return URL(filePath: path)
      }
    #endif
    return URL(filePath: absolute(CommandLine.arguments[0]))
  }
}
