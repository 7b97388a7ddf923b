/// The structure of a regular expression.
indirect enum RegularExpressionNode {
  case empty
  case set(CharacterSet)
  case anchor(RegularExpression.Anchor)
  case sequence([RegularExpressionNode])
  case choice([RegularExpressionNode])
  /// From `least` to `most` times; nil for any number.
  case repetition(RegularExpressionNode, least: Int, most: Int?)
}

/// Reads RE2's syntax. Whether a repetition is greedy makes no difference to whether a whole text
/// matches, and groups capture nothing.
struct RegularExpressionParser {
  struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotTakesNewline = false
  }

  let pattern: [Unicode.Scalar]
  var place: Int = 0
  private var depth: Int = 0
  var flags = Flags()

  private static let depthLimit: Int = 200
  private static let countLimit: Int = 1000

  init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  mutating func parse() throws -> RegularExpressionNode {
    let node = try parseChoice()
    guard place == pattern.count else { throw failure("')' closes nothing") }
    return node
  }

  func failure(_ what: String) -> OperationError {
    OperationError("the pattern is not understood at character \(place + 1): \(what)")
  }

  var current: Unicode.Scalar? { place < pattern.count ? pattern[place] : nil }

  mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    place += 1
    return true
  }

  mutating func take() throws -> Unicode.Scalar {
    guard let scalar = current else { throw failure("it ends too early") }
    place += 1
    return scalar
  }

  private mutating func parseChoice() throws -> RegularExpressionNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= RegularExpressionParser.depthLimit else { throw failure("it nests too deep") }
    var parts = [try parseSequence()]
    while accept("|") { parts.append(try parseSequence()) }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func parseSequence() throws -> RegularExpressionNode {
    var parts: [RegularExpressionNode] = []
    while let scalar = current, scalar != "|", scalar != ")" {
      parts.append(try parseRepetition())
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func parseRepetition() throws -> RegularExpressionNode {
    var node = try parseAtom()
    while let scalar = current {
      switch scalar {
      case "*": (place, node) = (place + 1, .repetition(node, least: 0, most: nil))
      case "+": (place, node) = (place + 1, .repetition(node, least: 1, most: nil))
      case "?": (place, node) = (place + 1, .repetition(node, least: 0, most: 1))
      case "{":
        guard let (least, most) = try parseCounts() else { return node }
        node = .repetition(node, least: least, most: most)
      default: return node
      }
      _ = accept("?")
    }
    return node
  }

  /// `{n}`, `{n,}`, `{n,m}`; nil where the brace stands for itself.
  private mutating func parseCounts() throws -> (Int, Int?)? {
    let start = place
    place += 1
    guard let least = parseNumber() else {
      place = start
      return nil
    }
    var most: Int? = least
    if accept(",") { most = parseNumber() }
    guard accept("}") else {
      place = start
      return nil
    }
    let limit = RegularExpressionParser.countLimit
    guard least <= limit, (most ?? 0) <= limit, (most ?? least) >= least else {
      throw failure("a repetition of \(least) to \(most ?? least)")
    }
    return (least, most)
  }

  private mutating func parseNumber() -> Int? {
    var digits = ""
    while let scalar = current, (48...57).contains(scalar.value), digits.count < 6 {
      digits.unicodeScalars.append(scalar)
      place += 1
    }
    return Int(digits)
  }

  private func literal(_ scalar: Unicode.Scalar) -> RegularExpressionNode {
    .set(CharacterSet(ranges: [scalar.value...scalar.value], ignoresCase: flags.ignoresCase))
  }

  private mutating func parseAtom() throws -> RegularExpressionNode {
    // A brace that starts no repetition stands for itself.
    let scalar = try take()
    switch scalar {
    case "(": return try parseGroup()
    case "[": return .set(try parseClass())
    case ".":
      return .set(
        CharacterSet(ranges: flags.dotTakesNewline ? [] : [10...10], isNegated: true))
    case "^": return .anchor(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .anchor(flags.isMultiline ? .lineEnd : .textEnd)
    case "\\": return try parseEscape()
    case "*", "+", "?":
      place -= 1
      throw failure("'\(scalar)' repeats nothing")
    default: return literal(scalar)
    }
  }

  /// Behind `(`: groups with and without name, and flags.
  private mutating func parseGroup() throws -> RegularExpressionNode {
    let outer = flags
    if accept("?") {
      if accept("P") || current == "<" {
        guard accept("<") else { throw failure("a group's name is missing") }
        while try take() != ">" {}
      } else if try parseFlags() {
        return .empty
      }
    }
    let node = try parseChoice()
    guard accept(")") else { throw failure("a group is not closed") }
    flags = outer
    return node
  }

  /// `i`, `m`, `s`, `U` and their negations up to `:` or `)`; true where they stand alone.
  private mutating func parseFlags() throws -> Bool {
    var value = true
    while true {
      switch try take() {
      case "i": flags.ignoresCase = value
      case "m": flags.isMultiline = value
      case "s": flags.dotTakesNewline = value
      case "U": break
      case "-": value = false
      case ":": return false
      case ")": return true
      default:
        place -= 1
        throw failure("an unknown group")
      }
    }
  }

  private mutating func parseEscape() throws -> RegularExpressionNode {
    switch current {
    case "A": place += 1; return .anchor(.textStart)
    case "z": place += 1; return .anchor(.textEnd)
    case "b": place += 1; return .anchor(.wordBoundary)
    case "B": place += 1; return .anchor(.noWordBoundary)
    case "Q":
      place += 1
      return try parseQuoted()
    default:
      var set = try parseEscapedSet()
      set.ignoresCase = flags.ignoresCase
      return .set(set)
    }
  }

  /// `\Q…\E`, where every character stands for itself.
  private mutating func parseQuoted() throws -> RegularExpressionNode {
    var parts: [RegularExpressionNode] = []
    while let scalar = current {
      place += 1
      if scalar == "\\", accept("E") { break }
      parts.append(literal(scalar))
    }
    return .sequence(parts)
  }

  /// What follows a backslash, inside or outside a class.
  mutating func parseEscapedSet() throws -> CharacterSet {
    func one(_ value: UInt32) -> CharacterSet { CharacterSet(ranges: [value...value]) }
    func without(_ set: CharacterSet) -> CharacterSet {
      CharacterSet(ranges: set.ranges, isNegated: true)
    }
    let scalar = try take()
    switch scalar {
    case "d": return .digit
    case "D": return without(.digit)
    case "s": return .space
    case "S": return without(.space)
    case "w": return .word
    case "W": return without(.word)
    case "a": return one(7)
    case "f": return one(12)
    case "t": return one(9)
    case "n": return one(10)
    case "r": return one(13)
    case "v": return one(11)
    case "x": return one(try parseHexadecimal())
    default:
      let isLetter = scalar.properties.isAlphabetic || (48...57).contains(scalar.value)
      guard !isLetter else {
        place -= 1
        throw failure("'\\\(scalar)' is not supported")
      }
      return one(scalar.value)
    }
  }

  private mutating func parseHexadecimal() throws -> UInt32 {
    var digits = ""
    if accept("{") {
      while !accept("}") { digits.unicodeScalars.append(try take()) }
    } else {
      digits.unicodeScalars.append(try take())
      digits.unicodeScalars.append(try take())
    }
    guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
      throw failure("'\\x\(digits)' is no character")
    }
    return value
  }
}
