import Foundation
import Testing

/// The arrows of Docs/architecture.md, held against the import lines.
@Suite struct ArchitectureTests {
  static let allowed: [String: Set<String>] = [
    "IR": [],
    "Frontends": ["IR", "CProto", "CImages"],
    "Passes": ["IR"],
    "Backends": ["IR", "CKernels"],
    "TextTests": ["IR"],
    "Exporters": ["IR", "CProto"],
  ]
  static let project: Set<String> = [
    "IR", "CProto", "CImages", "CKernels", "CPlugin", "Frontends", "Passes", "Backends", "TextTests",
    "Exporters",
  ]

  @Test(arguments: ["IR", "Frontends", "Passes", "Backends", "TextTests", "Exporters"])
  func importsRunOneWay(module: String) throws {
    let folder = ModelSet.root.appendingPathComponent("Sources/\(module)")
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    let sources = files.filter { $0.hasSuffix(".swift") }
    #expect(sources.count > 3)
    for file in sources {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for line in text.split(separator: "\n") where line.hasPrefix("import ") {
        let name = String(line.dropFirst("import ".count)).trimmingCharacters(in: .whitespaces)
        guard Self.project.contains(name) else { continue }
        #expect(Self.allowed[module]?.contains(name) == true, "\(module)/\(file) imports \(name)")
      }
    }
  }

  @Test func onlyTheCommandLineDigestsAndOnlyItParsesArguments() throws {
    for module in Self.allowed.keys {
      let folder = ModelSet.root.appendingPathComponent("Sources/\(module)")
      let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      for file in files where file.hasSuffix(".swift") {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        #expect(!text.contains("import Crypto\n") && !text.contains("import ArgumentParser\n"))
      }
    }
  }
}
