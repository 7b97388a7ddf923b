import CPlugin
import Frontends
import IR

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Loads plugins into a registry.
///
/// A plugin that does not fit is refused before it can do harm: its file is searched for the stamp
/// of the interface that it was built against before any of its code runs, and a Swift plugin then
/// introduces itself over C types alone (`registerPlugin`).
struct PluginLoader {
  private(set) var registry: Registry
  private(set) var plugins: [LoadedPlugin] = []

  static let swiftEntry = "edgecc_swift_plugin_register"
  static let cEntry = "edgecc_plugin_register"

  init(_ registry: Registry) { self.registry = registry }

  /// - Throws: a `Diagnostic` or `Diagnostics` naming the library.
  mutating func load(_ paths: [String]) throws {
    for path in paths { try load(path) }
  }

  private mutating func load(_ path: String) throws {
    let file = try PluginFile(path)
    try file.refuseStale()
    let known = registry.contributions.count
    let registration = PluginRegistration(registry)
    // Never closed: its types stay in the registry.
    let handle = try file.open()
    if let entry = dlsym(handle, PluginLoader.swiftEntry) {
      try runSwift(entry, path, registration)
    } else if let entry = dlsym(handle, PluginLoader.cEntry) {
      try runC(entry, path, registration)
    } else {
      throw Diagnostic.error(
        "the library is no plugin: it exports neither '\(PluginLoader.swiftEntry)' nor "
          + "'\(PluginLoader.cEntry)'",
        file: path, help: ["'edgecc plugin new NAME' writes a plugin to start from"])
    }
    let identity = try accepted(registration.outcome, path)
    registry = registration.registry
    let added = Array(registry.contributions[known...])
    try refuseBuiltinOperators(added, path)
    plugins.append(
      LoadedPlugin(
        identity: identity, path: path, sha256: file.sha256, contributions: added))
  }

  private func runSwift(
    _ entry: UnsafeMutableRawPointer, _ path: String, _ registration: PluginRegistration
  ) throws {
    CrashGuard.watch(entry, path)
    let before = edgecc_crash_guard_enter(CText.keep(path), CText.keep("its registration"))
    defer { edgecc_crash_guard_leave(before) }
    registration.run(
      unsafeBitCast(entry, to: (@convention(c) (UnsafeMutableRawPointer) -> Void).self))
    if case .registered(let identity) = registration.outcome {
      CrashGuard.rename(entry, identity.name)
    }
  }

  private func runC(
    _ entry: UnsafeMutableRawPointer, _ path: String, _ registration: PluginRegistration
  ) throws {
    CrashGuard.watch(entry, path)
    let registrar = CPluginRegistrar()
    do {
      try registrar.run(
        unsafeBitCast(entry, to: CPluginRegistrar.Entry.self), file: path, registration)
    } catch let error as OperationError {
      throw Diagnostic.error("the plugin refuses to load: \(error.message)", file: path)
    }
    if let library = registrar.library { CrashGuard.rename(entry, library.identity.name) }
  }

  /// - Throws: a `Diagnostic` where the plugin did not register.
  private func accepted(
    _ outcome: PluginRegistration.Outcome, _ path: String
  ) throws -> PluginIdentity {
    switch outcome {
    case .registered(let identity): return identity
    case .silent:
      throw Diagnostic.error(
        "the plugin registers nothing", file: path,
        help: ["its entry function calls 'registerPlugin'"])
    case .stale(let name, let version, let stamp):
      throw PluginFile.stale("plugin '\(name)' \(version)", stamp, path)
    case .ownCopy(let name, let version):
      throw Diagnostic.error(
        "plugin '\(name)' \(version) carries its own copy of module IR, whose types are not "
          + "those of edgecc \(IR.Edgecc.version)",
        file: path,
        help: [
          "build it against edgecc's modules without linking them: edgecc plugin build SOURCE "
            + "-o \(path)"
        ])
    case .failed(let identity, let error):
      let problems = PluginLoader.diagnostics(error)
      throw Diagnostics(
        problems.map { problem in
          var copy = problem.inFile(path)
          if !copy.message.contains("plugin '\(identity.name)'") {
            copy.message =
              "plugin '\(identity.name)' \(identity.version) does not register: " + copy.message
          }
          return copy
        })
    }
  }

  private static func diagnostics(_ error: any Error) -> [Diagnostic] {
    if let several = error as? Diagnostics { return several.all }
    if let one = error as? Diagnostic { return [one] }
    return [.error("\(error)")]
  }

  /// Frontends read their own operators first, so a rule for one of those would never be asked.
  private func refuseBuiltinOperators(
    _ added: [Registry.Contribution], _ path: String
  ) throws {
    var builtin: Set<String> = []
    for entry in ONNXFrontend.operators {
      let key = OperatorImport.Key(format: "onnx", domain: entry.domain, name: entry.name)
      builtin.insert(key.description)
    }
    for entry in tfliteOperators { builtin.insert("tflite:\(entry.name)") }
    // ONNX's own domain has two names.
    func plain(_ name: String) -> String { name.replacing("onnx:ai.onnx:", with: "onnx:") }
    for item in added where item.kind == .operator && builtin.contains(plain(item.name)) {
      throw Diagnostic.error(
        "plugin '\(item.owner.name)' registers the operator '\(item.name)', "
          + "which edgecc reads itself",
        file: path, help: ["a custom operator has a domain or a name of its own"])
    }
  }
}

/// A library file before it is loaded.
struct PluginFile {
  let path: String
  let sha256: String
  /// What it was built against; nil for a plugin in C, or what is no plugin.
  private let stamp: PluginStamp?

  /// - Throws: a `Diagnostic` where there is no library at `path`.
  init(_ path: String) throws {
    self.path = path
    guard FileTree.exists(path) else {
      throw Diagnostic.error(
        "there is no such plugin", file: path,
        help: [
          "\(PluginArguments.option) takes the path of a library that 'edgecc plugin build' made"
        ])
    }
    guard !FileTree.isFolder(path) else {
      throw Diagnostic.error(
        "a plugin is a library, and this is a folder", file: path,
        help: ["build it: edgecc plugin build \(path) -o libNAME.so"])
    }
    let bytes = try FileTree.read(path)
    guard PluginFile.isLibrary(bytes) else {
      throw Diagnostic.error(
        "this is no shared library", file: path,
        help: ["build one from a source file: edgecc plugin build SOURCE -o libNAME.so"])
    }
    sha256 = Digest.hex(of: bytes)
    stamp = PluginFile.findStamp(bytes)
  }

  /// ELF and Mach-O begin so.
  private static func isLibrary(_ bytes: [UInt8]) -> Bool {
    let heads: [[UInt8]] = [
      [0x7F, 0x45, 0x4C, 0x46], [0xCF, 0xFA, 0xED, 0xFE], [0xCA, 0xFE, 0xBA, 0xBE],
    ]
    return heads.contains { bytes.starts(with: $0) }
  }

  private static func findStamp(_ bytes: [UInt8]) -> PluginStamp? {
    bytes.withUnsafeBytes { whole in
      var start: Int = 0
      while start < whole.count {
        let rest = UnsafeRawBufferPointer(rebasing: whole[start...])
        let place = edgecc_find(rest.baseAddress, rest.count, PluginStamp.marker)
        guard place < rest.count else { return nil }
        let text = rest[place...].prefix(120).prefix { $0 >= 32 && $0 < 127 }
        if let stamp = PluginStamp(String(decoding: text, as: UTF8.self)) { return stamp }
        start += place + 1
      }
      return nil
    }
  }

  func refuseStale() throws {
    guard let stamp, stamp != PluginStamp.own else { return }
    throw PluginFile.stale("the plugin", stamp, path)
  }

  static func stale(_ what: String, _ stamp: PluginStamp?, _ path: String) -> Diagnostic {
    Diagnostic.error(
      "\(what) was built against \(stamp.map { "\($0)" } ?? "an unknown edgecc"), "
        + "this is \(PluginStamp.own)",
      file: path, help: ["build it anew: edgecc plugin build SOURCE -o \(path)"])
  }

  /// - Throws: a `Diagnostic` with the system's reason.
  func open() throws -> UnsafeMutableRawPointer {
    // A bare name would be looked for in the system's folders.
    let full = path.contains("/") ? path : "./" + path
    if let handle = dlopen(full, RTLD_NOW | RTLD_LOCAL) { return handle }
    let reason = dlerror().map { String(cString: $0) } ?? "no reason given"
    // The mangled names of module IR.
    let lacksInterface = reason.contains("undefined symbol: $s2IR")
    throw Diagnostic.error(
      lacksInterface
        ? "the plugin needs something of module IR that \(PluginStamp.own) does not have"
        : "the library cannot be loaded",
      file: path, notes: [reason],
      help: lacksInterface ? ["build it anew: edgecc plugin build SOURCE -o \(path)"] : [])
  }
}

/// Names the plugin when one crashes.
enum CrashGuard {
  static func watch(_ symbol: UnsafeRawPointer, _ name: String) {
    edgecc_crash_guard_install(
      CText.keep(
        "  help: this is a fault of the plugin, not of edgecc; run without it, or build it with "
          + "'edgecc plugin build --debug' and look at it in a debugger\n"))
    _ = edgecc_crash_guard_add_library(symbol, CText.keep(name))
  }

  /// Known by its own name from now on.
  static func rename(_ symbol: UnsafeRawPointer, _ name: String) {
    _ = edgecc_crash_guard_add_library(symbol, CText.keep(name))
  }
}
