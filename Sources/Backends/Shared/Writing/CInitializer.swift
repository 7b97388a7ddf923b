import IR

/// A member of a C struct and its value.
struct CField {
  let name: String
  let value: CInitializer

  init(_ name: String, _ value: CInitializer) {
    self.name = name
    self.value = value
  }
}

/// The right-hand side of a C initialisation.
enum CInitializer {
  case value(String)
  case list([CInitializer])
  case fields([CField])

  static func int(_ value: Int) -> CInitializer { .value(CLiteral.integer(value)) }
  static func int(_ value: Int32) -> CInitializer { int(Int(value)) }
  static func float(_ value: Float) -> CInitializer { .value(CLiteral.float(value)) }
  static func ints(_ values: [Int]) -> CInitializer { .list(values.map { int($0) }) }

  /// On one line.
  var inline: String {
    switch self {
    case .value(let text): text
    case .list(let items): "{" + items.map(\.inline).joined(separator: ", ") + "}"
    case .fields(let items):
      "{" + items.map { ".\($0.name) = \($0.value.inline)" }.joined(separator: ", ") + "}"
    }
  }
}

extension CWriter {
  /// `static const TYPE params = { … };`, a field or a few a line.
  mutating func constant(_ type: String, _ name: String, _ value: CInitializer) {
    guard case .fields(let fields) = value else {
      line("static const \(type) \(name) = \(value.inline);")
      return
    }
    block("static const \(type) \(name) =", tail: ";") { writer in
      writer.values(fields.map { ".\($0.name) = \($0.value.inline)" })
    }
  }
}
