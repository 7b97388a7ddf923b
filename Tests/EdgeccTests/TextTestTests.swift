import Foundation
import Testing

/// `edgecc test`: the files of `Tests/TextTests` that must pass, and those that must fail with the
/// complaints that they name themselves.
@Suite("Text tests")
struct TextTestTests {
  static let root = Tool.models.deletingLastPathComponent()

  static func files(_ folder: String) throws -> [String] {
    let path = root.appending(path: "TextTests/\(folder)").path()
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasSuffix(".eir") }.sorted()
  }

  @Test("the repository's own tests pass")
  func ownTests() throws {
    let outcome = try Tool.run(["test", Self.root.appending(path: "Lit").path()])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.hasSuffix(" passed\n"))
  }

  @Test("what must pass does", arguments: try TextTestTests.files("passing"))
  func passes(file: String) throws {
    let path = Self.root.appending(path: "TextTests/passing/\(file)").path()
    let outcome = try Tool.run(["test", path, "--idempotent"])
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test("what must fail says why", arguments: try TextTestTests.files("failing"))
  func fails(file: String) throws {
    let url = Self.root.appending(path: "TextTests/failing/\(file)")
    let text = try String(contentsOf: url, encoding: .utf8)
    let key = "// COMPLAINT: "
    let complaints = text.split(separator: "\n").filter { $0.hasPrefix(key) }
      .map { $0.dropFirst(key.count) }
    try #require(!complaints.isEmpty)
    let outcome = try Tool.run(["test", url.path()])
    #expect(outcome.status == 1)
    for complaint in complaints {
      #expect(outcome.output.contains(complaint), "\(complaint)\n\(outcome.output)")
    }
    // As many errors as are named, and no others.
    let named = complaints.filter { $0.contains(": error: ") }.count
    let found = outcome.output.split(separator: "\n").filter { $0.contains(": error: ") }.count
    #expect(found == named, "\(outcome.output)")
  }

  @Test("a second run that changes something is told where it is asked for")
  func idempotence() throws {
    let path = Self.root.appending(path: "TextTests/again.eir").path()
    #expect(try Tool.run(["test", path]).status == 0)
    let outcome = try Tool.run(["test", path, "--idempotent"])
    #expect(outcome.status == 1)
    let complaint = "a second run of 'remove-duplicates,fold-constants' changes something"
    #expect(outcome.output.contains(complaint))
  }

  @Test("JSON has every result")
  func json() throws {
    let path = Self.root.appending(path: "TextTests/failing/next.eir").path()
    let outcome = try Tool.run(["test", path, "--json"])
    #expect(outcome.status == 1)
    let document = try #require(
      try JSONSerialization.jsonObject(with: outcome.outputBytes) as? [String: Any])
    #expect(document["failed"] as? Int == 2)
    let results = try #require(document["results"] as? [[String: Any]])
    let complaints = try #require(results[1]["complaints"] as? [[String: Any]])
    #expect(complaints[0]["place"] as? String == "23")
  }

  @Test("where there is no test, that is bad usage")
  func nothing() throws {
    let scratch = try Scratch()
    #expect(try Tool.run(["test", "."], in: scratch.url).status == 2)
    #expect(try Tool.run(["test", "none.eir"], in: scratch.url).status == 2)
  }
}
