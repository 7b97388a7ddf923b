/// Passes in order, with their options: `canonicalize,quantize{calibration=c.npz}`.
public struct Pipeline: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    /// A pass, or a pipeline that the registry knows by name.
    public var name: String
    /// As written.
    public var options: [String: String]

    public init(_ name: String, _ options: [String: String] = [:]) {
      self.name = name
      self.options = options
    }

    /// As it would be written.
    public var text: String {
      if options.isEmpty { return name }
      let items = options.keys.sorted().map { "\($0)=\(Pipeline.quoted(options[$0] ?? ""))" }
      return "\(name){\(items.joined(separator: ","))}"
    }
  }
  public var steps: [Step]

  public init(_ steps: [Step] = []) { self.steps = steps }

  /// Values that hold a comma or a brace stand in double quotes.
  ///
  /// - Throws: `Diagnostic` saying where the text is wrong.
  public init(parsing text: String) throws {
    var reader = PipelineReader(text)
    steps = try reader.steps()
  }

  /// As it would be written.
  public var text: String { steps.map(\.text).joined(separator: ",") }

  private static func quoted(_ value: String) -> String {
    value.contains { ",{}\"".contains($0) } ? "\"\(value)\"" : value
  }
}

/// Reads a pipeline's text from left to right.
private struct PipelineReader {
  private let text: String
  private var rest: Substring

  init(_ text: String) {
    self.text = text
    rest = Substring(text)
  }

  mutating func steps() throws -> [Pipeline.Step] {
    var steps: [Pipeline.Step] = []
    while true {
      skipSpace()
      if rest.isEmpty { return steps }
      if take(",") { continue }
      let name = try word("a pass's name")
      skipSpace()
      steps.append(Pipeline.Step(name, take("{") ? try options(of: name) : [:]))
      skipSpace()
      if !rest.isEmpty && rest.first != "," { throw wrong("expected ','") }
    }
  }

  private mutating func options(of name: String) throws -> [String: String] {
    var values: [String: String] = [:]
    while true {
      skipSpace()
      if take("}") { return values }
      if take(",") { continue }
      if rest.isEmpty { throw wrong("'{' after '\(name)' is not closed") }
      let key = try word("an option's name")
      skipSpace()
      let value = take("=") ? try self.value() : "true"
      guard values.updateValue(value, forKey: key) == nil else {
        throw wrong("'\(name)' is given the option '\(key)' twice")
      }
    }
  }

  private mutating func word(_ what: String) throws -> String {
    let word = rest.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    guard !word.isEmpty else { throw wrong("expected \(what)") }
    rest = rest.dropFirst(word.count)
    return String(word)
  }

  private mutating func value() throws -> String {
    skipSpace()
    guard take("\"") else {
      let plain = rest.prefix { $0 != "," && $0 != "}" }
      rest = rest.dropFirst(plain.count)
      return String(plain.reversed().drop { $0.isWhitespace }.reversed())
    }
    let quoted = rest.prefix { $0 != "\"" }
    rest = rest.dropFirst(quoted.count)
    guard take("\"") else { throw wrong("a quote is not closed") }
    return String(quoted)
  }

  private mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

  private func wrong(_ message: String) -> Diagnostic {
    let column = text.distance(from: text.startIndex, to: rest.startIndex) + 1
    return .error(
      "pass pipeline: \(message) at column \(column)", notes: ["in '\(text)'"],
      help: ["a pipeline looks like: canonicalize,fold-constants{limit=4096}"])
  }
}
