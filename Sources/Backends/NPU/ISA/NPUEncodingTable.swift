/// The payload layout of every opcode as Markdown, made from the descriptions that the encoder and
/// the decoder walk: the published tables cannot differ from the code.
public struct NPUEncodingTable: Sendable {
  public init() {}

  /// One table per group of fields, then one line per opcode.
  public func markdown() throws -> String {
    var text: String = ""
    text += try table("Address", NPUAddress())
    text += try table("Feature map", NPUFeatureMap())
    text += try table("Window", NPUWindow())
    text += try table("Output stage", NPUOutputStage())
    text += try table("Scale", NPUScale())
    text += "### Payloads\n\n| opcode | code | bytes | fields |\n|---|---|---|---|\n"
    for opcode in NPUOpcode.allCases {
      var lister = PayloadLister()
      _ = try NPUOperation(opcode, reading: &lister)
      let code: String = "0x" + (opcode.rawValue < 16 ? "0" : "") + String(opcode.rawValue, radix: 16)
      let fields: String = lister.items.isEmpty ? "–" : lister.items.joined(separator: ", ")
      text += "| `\(opcode.mnemonic)` | \(code) | \(lister.bytes) | \(fields) |\n"
    }
    return text
  }

  private func table(_ title: String, _ payload: some NPUPayload) throws -> String {
    var payload = payload
    var lister = FieldLister()
    try payload.visit(&lister)
    let head: String = "### \(title) (\(lister.bytes) bytes)\n\n| at | field | type |\n|---|---|---|\n"
    return head + lister.lines.joined(separator: "\n") + "\n\n"
  }
}

/// Lists single fields with their offsets.
private struct FieldLister: NPUFieldVisitor {
  var bytes: Int = 0
  var lines: [String] = []

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    lines.append("| \(bytes) | \(name) | \(width) |")
    bytes += width.bytes
  }

  mutating func enter(_ group: String) {}
  mutating func leave() {}
}

/// Lists a payload's own fields and names its groups.
private struct PayloadLister: NPUFieldVisitor {
  var bytes: Int = 0
  var items: [String] = []
  private var depth: Int = 0

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    bytes += width.bytes
    if depth == 0 { items.append("\(name): \(width)") }
  }

  mutating func enter(_ group: String) {
    if depth == 0 { items.append("**\(group)**") }
    depth += 1
  }

  mutating func leave() { depth -= 1 }
}
