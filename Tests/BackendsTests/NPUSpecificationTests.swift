import Foundation
import Testing

@testable import Backends

@Suite struct NPUSpecificationTests {
  @Test func publishedTablesAreTheCodeTables() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let root = tests.deletingLastPathComponent().deletingLastPathComponent()
    let page = root.appendingPathComponent("Docs/npu.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let table = try NPUEncodingTable().markdown()
    #expect(text.contains(table), "replace the tables of Docs/npu.md by:\n\(table)")
  }
}
