import IR

// The compact form, for pipelines: `int8;output=int16;kind:add=int16;node:head*=float32`.
//
// Parts stand between semicolons: the default precision, then `output=PRECISION` and rules
// `SELECTOR=SETTING,SETTING…`. A selector is `node:PATTERN`, `kind:MNEMONIC`, `value:PATTERN`,
// `first` or `last`; a setting is a precision, `ranges:METHOD`, `percentile:NUMBER` or
// `range:LOW..HIGH`. In patterns, characters that mean something to the form or to a pipeline are
// written `%XX`, as in addresses.

extension Recipe {
  /// As it would be written in a pipeline.
  public var text: String {
    let outputs = output.map { ["output=\($0.rawValue)"] } ?? []
    let rules = rules.map { "\($0.selector.text)=\($0.settingsText)" }
    return ([precision.rawValue] + outputs + rules).joined(separator: ";")
  }

  /// - Throws: a `Diagnostic` saying which part is wrong, `Diagnostics` for all that `findings` tells.
  public init(parsing text: String) throws {
    self.init()
    let parts = text.split(separator: ";").map(String.init)
    for (index, part) in parts.enumerated() {
      if let precision = Precision(name: part), index == 0 {
        self.precision = precision
      } else {
        try add(part)
      }
    }
    let found = findings()
    if !found.isEmpty { throw Diagnostics(found) }
  }

  private mutating func add(_ part: String) throws {
    guard let equals = part.firstIndex(of: "=") else { throw Recipe.wrong(part) }
    let (left, right) = (String(part[..<equals]), String(part[part.index(after: equals)...]))
    if left == "output" {
      output = try Recipe.precision(right)
      return
    }
    guard let selector = Selector(parsing: left) else { throw Recipe.wrong(part) }
    var rule = Rule(selector)
    for setting in right.split(separator: ",") { try rule.set(String(setting)) }
    rules.append(rule)
  }

  /// - Throws: a `Diagnostic` naming what there is.
  public static func precision(_ name: String) throws -> Precision {
    if let precision = Precision(name: name) { return precision }
    let known = Precision.allCases.map(\.rawValue)
    let nearest = nearestName(to: name, in: known).map { "did you mean '\($0)'?" }
    throw Diagnostic.error(
      "recipe: there is no precision '\(name)'",
      help: [nearest ?? "there are: \(known.joined(separator: ", "))"])
  }

  fileprivate static func wrong(_ part: String) -> Diagnostic {
    .error(
      "recipe: '\(part)' is not understood",
      help: ["a recipe looks like: int8;output=int16;kind:add=int16;node:head*=float32"])
  }
}

extension Recipe.Selector {
  /// As it is written in the compact form.
  public var text: String {
    switch self {
    case .node(let pattern): "node:" + Recipe.encoded(pattern)
    case .kind(let mnemonic): "kind:" + Recipe.encoded(mnemonic)
    case .value(let pattern): "value:" + Recipe.encoded(pattern)
    case .first: "first"
    case .last: "last"
    }
  }

  init?(parsing text: String) {
    if text == "first" || text == "last" {
      self = text == "first" ? .first : .last
      return
    }
    guard let colon = text.firstIndex(of: ":"),
      let pattern = Recipe.decoded(text[text.index(after: colon)...]), !pattern.isEmpty
    else { return nil }
    switch text[..<colon] {
    case "node": self = .node(pattern)
    case "kind": self = .kind(pattern)
    case "value": self = .value(pattern)
    default: return nil
    }
  }
}

extension Recipe.Rule {
  /// The settings as they are written in the compact form.
  var settingsText: String {
    var parts: [String] = []
    if let precision { parts.append(precision.rawValue) }
    if let ranges { parts.append("ranges:\(ranges.rawValue)") }
    if let percentile { parts.append("percentile:\(percentile)") }
    if let range { parts.append("range:\(range.lowerBound)..\(range.upperBound)") }
    return parts.joined(separator: ",")
  }

  fileprivate mutating func set(_ setting: String) throws {
    guard let colon = setting.firstIndex(of: ":") else {
      precision = try Recipe.precision(setting)
      return
    }
    let value = String(setting[setting.index(after: colon)...])
    switch setting[..<colon] {
    case "ranges":
      guard let method = RangeMethod(rawValue: value) else { throw Recipe.wrong(setting) }
      ranges = method
    case "percentile":
      guard let number = Double(value) else { throw Recipe.wrong(setting) }
      percentile = number
    case "range":
      let ends = value.split(separator: "..", maxSplits: 1).compactMap { Float($0) }
      guard ends.count == 2, ends[0] <= ends[1], ends.allSatisfy(\.isFinite) else {
        throw Recipe.wrong(setting)
      }
      range = ends[0]...ends[1]
    default: throw Recipe.wrong(setting)
    }
  }
}

extension Recipe {
  /// What may stand in the compact form as it is, besides letters and digits.
  private static let plain: Set<Character> = Set("_-./*?:\\ ()[]+@#")

  fileprivate static func encoded(_ pattern: String) -> String {
    pattern.reduce(into: "") { text, character in
      if character.isASCII, character.isLetter || character.isNumber || plain.contains(character) {
        text.append(character)
      } else {
        for byte in String(character).utf8 {
          text += "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
      }
    }
  }

  /// nil where a `%` is not followed by two hexadecimal digits.
  fileprivate static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
