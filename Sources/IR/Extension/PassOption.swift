/// An option that a pass or a target declares: a name, what it may be, and what it is where nobody
/// says.
public struct PassOption: Sendable {
  /// What may be written behind `name=`.
  public enum Kind: Hashable, Sendable {
    /// `true` or `false`; the name alone means true.
    case flag
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    case number
    case choice([String])
    /// Any of these, joined by `|`; `all` and `none` stand for what they say.
    case choices([String])
    /// Free text; the placeholder is for the help: `file.npz`.
    case text(String)
  }

  public let name: String
  public let kind: Kind
  /// As it would be written.
  public let defaultValue: String
  public let help: String

  public init(_ name: String, _ kind: Kind, default defaultValue: String, help: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.help = help
  }

  /// What may be written, for help: `float|single|double`, `<integer>`.
  public var values: String {
    switch kind {
    case .flag: "true|false"
    case .integer: "<integer>"
    case .number: "<number>"
    case .choice(let names): names.joined(separator: "|")
    case .choices(let names): "all|none|\(names.joined(separator: "|"))"
    case .text(let placeholder): "<\(placeholder)>"
    }
  }

  /// What is wrong with `text` as a value, as the end of a sentence; nil where nothing is.
  public func complaint(about text: String) -> String? {
    switch kind {
    case .flag:
      return text == "true" || text == "false" ? nil : "is true or false, not '\(text)'"
    case .integer(let bounds):
      guard let value = Int(text) else { return "is a whole number, not '\(text)'" }
      return bounds.contains(value) ? nil : PassOption.outside(value, bounds)
    case .number:
      return Double(text) == nil ? "is a number, not '\(text)'" : nil
    case .choice(let names):
      return names.contains(text) ? nil : PassOption.unknown(text, names)
    case .choices(let names):
      let words = PassOption.words(text)
      let known = names + ["all", "none"]
      return words.first { !known.contains($0) }.map { PassOption.unknown($0, known) }
    case .text: return nil
    }
  }

  static func words(_ text: String) -> [String] {
    text.split(separator: "|").map(String.init)
  }

  private static func outside(_ value: Int, _ bounds: ClosedRange<Int>) -> String {
    if value < bounds.lowerBound { return "is at least \(bounds.lowerBound), not \(value)" }
    return "is at most \(bounds.upperBound), not \(value)"
  }

  private static func unknown(_ text: String, _ names: [String]) -> String {
    let known = names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
    let nearest = nearestName(to: text, in: names).map { " (did you mean '\($0)'?)" } ?? ""
    return "is \(known), not '\(text)'\(nearest)"
  }
}

/// The options of one pass in a pipeline, checked against what the pass declares, with defaults for
/// what was not written.
public struct PassOptions: Sendable {
  private let owner: String
  private let declared: [PassOption]
  private let values: [String: String]

  /// - Throws: a `Diagnostic` for an option that `pass` does not have or a value that it does not
  ///   take, naming what it would take.
  public init(_ written: [String: String] = [:], of pass: any Pass.Type) throws {
    owner = "pass '\(pass.name)'"
    declared = pass.options
    values = written
    for key in written.keys.sorted() {
      guard let option = declared.first(where: { $0.name == key }) else {
        let known = declared.map(\.name)
        let nearest = nearestName(to: key, in: known).map { "did you mean '\($0)'?" }
        let all = known.isEmpty ? "it has none" : "it has: \(known.joined(separator: ", "))"
        throw Diagnostic.error("\(owner) has no option '\(key)'", help: [nearest ?? all])
      }
      if let complaint = option.complaint(about: written[key] ?? "") {
        throw Diagnostic.error("\(owner): option '\(key)' \(complaint)", help: [option.help])
      }
    }
  }

  /// Whether the option was written rather than left at its default.
  public func isGiven(_ name: String) -> Bool { values[name] != nil }

  /// - Throws: an internal error where the pass declares no such option.
  public func text(_ name: String) throws -> String {
    guard let option = declared.first(where: { $0.name == name }) else {
      throw Diagnostic.internalError("\(owner) reads the option '\(name)', which it does not declare")
    }
    return values[name] ?? option.defaultValue
  }

  public func flag(_ name: String) throws -> Bool { try text(name) == "true" }

  public func integer(_ name: String) throws -> Int {
    try parsed(name, "a whole number") { Int($0) }
  }

  public func number(_ name: String) throws -> Double {
    try parsed(name, "a number") { Double($0) }
  }

  /// What was chosen of an option of kind `choices`.
  public func choices(_ name: String) throws -> Set<String> {
    let words = Set(PassOption.words(try text(name)))
    guard words.contains("all"), let option = declared.first(where: { $0.name == name }),
      case .choices(let names) = option.kind
    else { return words.subtracting(["none"]) }
    return Set(names)
  }

  private func parsed<T>(_ name: String, _ kind: String, _ parse: (String) -> T?) throws -> T {
    let text = try text(name)
    guard let value = parse(text) else {
      throw Diagnostic.internalError("\(owner): the option '\(name)' is not declared as \(kind)")
    }
    return value
  }
}
