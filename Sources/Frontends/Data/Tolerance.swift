import IR

/// How far results may be from what a test case expects:
/// `|got − want| ≤ atol + relmax · max|want| + rtol · |want|` for floats, `steps` for integers.
public struct Tolerance: Hashable, Sendable {
  public var rtol: Double = 1e-3
  public var atol: Double = 1e-7
  /// Added to `atol`, times the largest finite expected magnitude.
  public var relmax: Double = 0
  /// Integers may differ by so many.
  public var steps: Double = 0

  public init() {}

  /// Reads `tolerance.json`: one object of numbers.
  ///
  /// - Throws: a `Diagnostic` without a file.
  public init(parsing bytes: UnsafeRawBufferPointer) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    for (key, value) in try Tolerance.fields(text) {
      switch key {
      case "rtol": rtol = value
      case "atol": atol = value
      case "relmax": relmax = value
      case "steps": steps = value
      default: throw Diagnostic.error("tolerance.json has the unknown key '\(key)'")
      }
    }
  }

  /// The members of a JSON object without nesting, escapes or anything but numbers.
  private static func fields(_ text: String) throws -> [(String, Double)] {
    let trimmed = text.drop { $0.isWhitespace }
    guard trimmed.first == "{", let close = trimmed.lastIndex(of: "}") else {
      throw Diagnostic.error("tolerance.json is no object")
    }
    let body = trimmed[trimmed.index(after: trimmed.startIndex)..<close]
    return try body.split(separator: ",").map { item in
      let parts = item.split(separator: ":", maxSplits: 1).map { part in
        String(part.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
      }
      guard parts.count == 2, parts[0].count > 2, parts[0].hasPrefix("\""), parts[0].hasSuffix("\""),
        let value = Double(parts[1]), value >= 0
      else { throw Diagnostic.error("tolerance.json has '\(item)' where a number belongs") }
      return (String(parts[0].dropFirst().dropLast()), value)
    }
  }
}
