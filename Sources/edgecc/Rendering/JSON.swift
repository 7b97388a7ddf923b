/// A JSON value whose members keep the order in which they were given, so that equal results give
/// equal bytes.
indirect enum JSON: Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  /// The version of every object that this build prints; raised when a member changes meaning.
  static let schemaVersion: Int = 1

  /// An object with `schema_version` first.
  static func document(_ members: [(String, JSON)]) -> JSON {
    .object([("schema_version", .int(schemaVersion))] + members)
  }

  static func strings(_ values: [String]) -> JSON { .array(values.map { JSON.string($0) }) }
  static func ints(_ values: [Int]) -> JSON { .array(values.map { JSON.int($0) }) }
  static func optional(_ value: String?) -> JSON { value.map { JSON.string($0) } ?? .null }

  /// A whole number as an integer, everything else as the shortest decimal that reads back equal;
  /// infinities and NaN, which JSON lacks, as null.
  static func measure(_ value: Double) -> JSON {
    if !value.isFinite { return .null }
    if value.rounded() == value && abs(value) < 9e15 { return .int(Int(value)) }
    return .number(value)
  }

  /// The value as text with two spaces of indentation and a final newline.
  func text() -> String {
    var out = ""
    write(to: &out, indentation: 0)
    return out + "\n"
  }

  private func write(to out: inout String, indentation: Int) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .int(let value): out += String(value)
    case .number(let value): out += value.isFinite ? "\(value)" : "null"
    case .string(let value): JSON.quote(value, to: &out)
    case .array(let items): JSON.write(items, to: &out, indentation)
    case .object(let members): JSON.write(members, to: &out, indentation)
    }
  }

  private static func write(_ items: [JSON], to out: inout String, _ indentation: Int) {
    if items.isEmpty {
      out += "[]"
      return
    }
    // Lists of numbers stay on one line; anything else gets a line each.
    let isFlat = items.allSatisfy { $0.isNumber }
    let inner = String(repeating: " ", count: indentation + 2)
    out += isFlat ? "[" : "[\n"
    for (index, item) in items.enumerated() {
      if !isFlat { out += inner }
      item.write(to: &out, indentation: indentation + 2)
      if index + 1 < items.count { out += isFlat ? ", " : "," }
      if !isFlat { out += "\n" }
    }
    out += isFlat ? "]" : String(repeating: " ", count: indentation) + "]"
  }

  private static func write(_ members: [(String, JSON)], to out: inout String, _ indentation: Int) {
    if members.isEmpty {
      out += "{}"
      return
    }
    let inner = String(repeating: " ", count: indentation + 2)
    out += "{\n"
    for (index, member) in members.enumerated() {
      out += inner
      quote(member.0, to: &out)
      out += ": "
      member.1.write(to: &out, indentation: indentation + 2)
      out += index + 1 < members.count ? ",\n" : "\n"
    }
    out += String(repeating: " ", count: indentation) + "}"
  }

  private var isNumber: Bool {
    switch self {
    case .int, .number, .null: true
    default: false
    }
  }

  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
