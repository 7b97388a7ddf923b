import Foundation
import Testing

/// Plugins that cannot be loaded: each is refused in a sentence that names it and the remedy.
@Suite("plugins: refusals")
struct PluginRefusalTests {
  private func load(
    _ library: String, status: Int32 = 2, in scratch: Scratch? = nil
  ) throws -> String {
    let outcome = try Tool.run(["plugin", "list", "--load-plugin", library], in: scratch?.url)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains(library) || outcome.errors.contains("plugin '"))
    return outcome.errors
  }

  @Test("no file, a folder, text, a library that is no plugin")
  func noPlugin() throws {
    let scratch = try Scratch()
    #expect(try load("nowhere.so", in: scratch).contains("there is no such plugin"))
    #expect(try load(".", in: scratch).contains("this is a folder"))
    try Data("int main;".utf8).write(to: scratch.url.appending(path: "source.c"))
    #expect(try load("source.c", in: scratch).contains("no shared library"))
    try Data([0x7F, 0x45, 0x4C, 0x46, 0]).write(to: scratch.url.appending(path: "torso.so"))
    #expect(try load("torso.so", in: scratch).contains("cannot be loaded"))
    let library = try PluginBench.build("int answer(void) { return 42; }", "plain.c", in: scratch)
    let errors = try load(library)
    #expect(errors.contains("no plugin"))
    #expect(errors.contains("edgecc_plugin_register"))
  }

  @Test("one that was built against another interface, both named")
  func stale() throws {
    let scratch = try Scratch()
    var bytes = try Data(contentsOf: URL(filePath: PluginBench.library("fold-negate-pair")))
    let marker = Data("edgecc-plugin-stamp ".utf8)
    let place = try #require(bytes.range(of: marker))
    let end = try #require(bytes[place.upperBound...].firstIndex(of: 0))
    let stamp = String(decoding: bytes[place.upperBound..<end], as: UTF8.self)
    let digest = try #require(stamp.split(separator: " ").last.map { String($0) })
    let other = "0123456789abcdef"
    #expect(digest.count == 16 && digest != other)
    bytes.replaceSubrange(end - 16..<end, with: Data(other.utf8))
    let library = scratch.url.appending(path: "libstale.so")
    try bytes.write(to: library)
    let errors = try load(library.path())
    #expect(errors.contains(digest) && errors.contains(other), "\(errors)")
    #expect(errors.contains("edgecc plugin build"))
  }

  @Test("one that needs something that this build does not have")
  func missingSymbol() throws {
    let scratch = try Scratch()
    let library = scratch.url.appending(path: "libmissing.so")
    var bytes = try Data(contentsOf: URL(filePath: PluginBench.library("fold-negate-pair")))
    let (name, other) = (Data("$s2IR8RewriterV".utf8), Data("$s2IR8RewritesV".utf8))
    var count: Int = 0
    while let place = bytes.range(of: name) {
      bytes.replaceSubrange(place, with: other)
      count += 1
    }
    #expect(count > 0)
    try bytes.write(to: library)
    let errors = try load(library.path())
    #expect(errors.contains("needs something of module IR that edgecc 0.1.0"), "\(errors)")
    #expect(errors.contains("undefined symbol") && errors.contains("edgecc plugin build"))
  }

  @Test("the stamp follows what IR's sources say, and not their comments")
  func stamp() throws {
    let scratch = try Scratch()
    let root = PluginBench.examples.deletingLastPathComponent().deletingLastPathComponent()
    let tool = scratch.url.appending(path: "stamp").path()
    try PluginBench.shell([
      "swiftc", root.appending(path: "Scripts/InterfaceStamp/main.swift").path(), "-o", tool,
    ])
    let version = root.appending(path: "Sources/IR/Version.swift").path()
    func stamp(_ text: String) throws -> String {
      let source = scratch.url.appending(path: "Graph.swift")
      try Data(text.utf8).write(to: source)
      let output = scratch.url.appending(path: "Stamp.swift")
      try PluginBench.shell([tool, output.path(), source.path(), version])
      return try String(contentsOf: output, encoding: .utf8)
    }
    let plain = try stamp("struct Graph {\n  var a: Int\n}\n")
    #expect(plain.contains("\"edgecc-plugin-stamp "))
    #expect(try stamp("/// A graph.\nstruct Graph {\n\n  // first\n  var a: Int\n}\n") == plain)
    #expect(try stamp("struct Graph {\n  var a: Int\n  var b: Int\n}\n") != plain)
    #expect(try stamp("struct Graph {\n  var b: Int\n}\n") != plain)
  }

  @Test("one that carries its own copy of the interface")
  func ownCopy() throws {
    let scratch = try Scratch()
    let folder = try Tool.path.deletingLastPathComponent()
    let objects = try FileManager.default
      .contentsOfDirectory(atPath: folder.appending(path: "IR.build").path())
      .filter { $0.hasSuffix(".o") }.map { folder.appending(path: "IR.build/\($0)").path() }
    try #require(!objects.isEmpty)
    let library = scratch.url.appending(path: "libcopy.so").path()
    try PluginBench.shell(
      [
        "swiftc", "-emit-library", "-parse-as-library", "-module-name", "Copy", "-I",
        folder.appending(path: "Modules").path(),
        PluginBench.example("fold-negate-pair", "FoldNegatePair.swift"), "-o", library,
      ] + objects)
    let errors = try load(library)
    #expect(errors.contains("plugin 'fold-negate-pair' 1.0.0 carries its own copy"), "\(errors)")
    #expect(errors.contains("edgecc plugin build"))
  }

  @Test("a C plugin of another version of the C interface, both named")
  func cVersion() throws {
    let scratch = try Scratch()
    let library = try PluginBench.build(
      """
      #include "edgecc_plugin.h"
      edgecc_status edgecc_plugin_register(const edgecc_host *host)
      {
          edgecc_identity identity = {99, "from-the-future", "3.0.0"};
          return host->identify(host, &identity);
      }
      """, "future.c", in: scratch)
    let errors = try load(library)
    #expect(errors.contains("'from-the-future' 3.0.0 was built for version 99"), "\(errors)")
    #expect(errors.contains("has version 1"))
  }

  private func swift(_ name: String, _ body: String) -> String {
    """
    import IR
    struct Twice: Pass {
      static let name = "\(name == "builtin" ? "canonicalize" : "twice")"
      static let summary = "does nothing"
      init(options: PassOptions) {}
      func run(on rewriter: inout Rewriter, _ context: inout PassContext) throws {}
    }
    @_cdecl("edgecc_swift_plugin_register")
    public func register(_ host: UnsafeMutableRawPointer) {
      registerPlugin("\(name)", version: "0.1.0", in: host) { registry in
        \(body)
      }
    }
    """
  }

  @Test("names that are taken name both owners")
  func takenNames() throws {
    let scratch = try Scratch()
    let register = "registry.register(pass: Twice.self)"
    let first = try PluginBench.build(swift("first", register), "First.swift", in: scratch)
    let second = try PluginBench.build(swift("second", register), "Second.swift", in: scratch)
    let outcome = try Tool.run(["passes", "--load-plugin", first, "--load-plugin", second])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains(
        "plugin 'second' registers the pass 'twice', and so does plugin 'first' (0.1.0)"),
      "\(outcome.errors)")
    let builtin = try PluginBench.build(swift("builtin", register), "Builtin.swift", in: scratch)
    #expect(
      try load(builtin).contains(
        "plugin 'builtin' registers the pass 'canonicalize', and so does edgecc"))
    let copy = scratch.url.appending(path: "libcopy.so").path()
    try FileManager.default.copyItem(atPath: first, toPath: copy)
    let twice = try Tool.run(["passes", "--load-plugin", first, "--load-plugin", copy])
    #expect(twice.status == 2)
    #expect(twice.errors.contains("two plugins are named 'first'"), "\(twice.errors)")
  }

  @Test("one that throws, one that registers nothing")
  func failing() throws {
    let scratch = try Scratch()
    let throwing = try PluginBench.build(
      swift("thrower", "throw OperationError(\"there is no licence\")"), "Thrower.swift",
      in: scratch)
    let errors = try load(throwing)
    #expect(errors.contains("plugin 'thrower' 0.1.0 does not register: there is no licence"))
    let silent = try PluginBench.build(
      """
      @_cdecl("edgecc_swift_plugin_register")
      public func register(_ host: UnsafeMutableRawPointer) {}
      """, "Silent.swift", in: scratch)
    #expect(try load(silent).contains("registers nothing"))
    let refusing = try PluginBench.build(
      """
      #include "edgecc_plugin.h"
      edgecc_status edgecc_plugin_register(const edgecc_host *host)
      {
          host->fail(host->registration, "the device is not attached");
          return EDGECC_FAILED;
      }
      """, "refusing.c", in: scratch)
    #expect(try load(refusing).contains("the device is not attached"))
  }

  @Test("an operator that edgecc reads itself", arguments: ["", "ai.onnx"])
  func builtinOperator(domain: String) throws {
    let scratch = try Scratch()
    let library = try PluginBench.build(
      swift(
        "conv",
        """
        registry.register(import: .onnx("Conv", domain: "\(domain)", inputs: 2...3) { _, _ in [] })
        """), "Conv.swift", in: scratch)
    #expect(try load(library).contains(":Conv', which edgecc reads itself"))
  }

  @Test("a source that does not compile says what the compiler says")
  func broken() throws {
    let scratch = try Scratch()
    try Data("int f( {".utf8).write(to: scratch.url.appending(path: "broken.c"))
    let outcome = try Tool.run(
      ["plugin", "build", "broken.c", "-o", "libbroken.so"], in: scratch.url)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("does not compile") && outcome.errors.contains("broken.c:1"))
    let empty = try Tool.run(["plugin", "build", ".", "-o", "lib.so"], in: scratch.url)
    #expect(empty.status == 2 || empty.errors.contains("does not compile"))
  }

  @Test("an option that is left open, and a stale plugin in the environment does not stop a build")
  func environment() throws {
    let scratch = try Scratch()
    let missing = ["EDGECC_LOAD_PLUGINS": "nowhere.so"]
    #expect(try Tool.run(["passes"], environment: missing).status == 2)
    #expect(try Tool.run(["--version"], environment: missing).status == 0)
    #expect(try Tool.run(["opt", "--help"], environment: missing).status == 0)
    let made = try Tool.run(["plugin", "new", "a-pass"], in: scratch.url, environment: missing)
    #expect(made.status == 0, "\(made.errors)")
  }
}
