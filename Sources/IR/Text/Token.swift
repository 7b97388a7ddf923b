/// A piece of the text form.
enum Token: Equatable {
  /// A keyword, mnemonic or type name.
  case word(String)
  /// `%name`; digits alone number an unnamed value.
  case value(String)
  /// `@name`.
  case symbol(String)
  case integer(Int)
  case real(String)
  case string(String)
  /// One of `( ) { } [ ] < > , : = ?` or `->`.
  case punctuation(String)
  case end

  var text: String {
    switch self {
    case .word(let text), .real(let text), .punctuation(let text): "'\(text)'"
    case .value(let name): "'%\(name)'"
    case .symbol(let name): "'@\(name)'"
    case .integer(let value): "'\(value)'"
    case .string: "a string"
    case .end: "the end of the file"
    }
  }
}

/// Where a token starts, for messages. Lines and columns count from 1.
struct Position: Equatable {
  var line: Int
  var column: Int
}

/// Splits the text form into tokens. `//` starts a comment that ends with the line.
struct Lexer {
  private let bytes: [UInt8]
  private var index: Int = 0
  private var line: Int = 1
  private var lineStart: Int = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// All tokens with their positions, `.end` last. Throws a `Diagnostic` with line and column.
  static func tokenize(_ text: String) throws -> [(token: Token, position: Position)] {
    var lexer = Lexer(text)
    var result: [(Token, Position)] = []
    while true {
      lexer.skipSpace()
      let position = lexer.position
      let token = try lexer.next()
      result.append((token, position))
      if token == .end { return result }
    }
  }

  private var position: Position { Position(line: line, column: index - lineStart + 1) }
  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func failure(_ message: String) -> Diagnostic {
    .error(message, place: "\(position.line):\(position.column)")
  }

  private mutating func skipSpace() {
    while let byte = current {
      if byte == UInt8(ascii: "/"), index + 1 < bytes.count, bytes[index + 1] == byte {
        while let next = current, next != UInt8(ascii: "\n") { _ = next; index += 1 }
      } else if byte == UInt8(ascii: "\n") {
        index += 1
        line += 1
        lineStart = index
      } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 13 {
        index += 1
      } else {
        return
      }
    }
  }

  private mutating func next() throws -> Token {
    guard let byte = current else { return .end }
    switch byte {
    case UInt8(ascii: "%"): return .value(try takeName())
    case UInt8(ascii: "@"): return .symbol(try takeName())
    case UInt8(ascii: "\""): return .string(try takeString())
    case UInt8(ascii: "-"):
      if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: ">") {
        index += 2
        return .punctuation("->")
      }
      return try takeNumber()
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return try takeNumber()
    case let byte where Lexer.startsWord(byte): return .word(takeWord())
    case let byte where Lexer.punctuation.contains(byte):
      index += 1
      return .punctuation(String(UnicodeScalar(byte)))
    default: throw failure("unexpected character")
    }
  }

  private static let punctuation = Set("(){}[]<>,:=?".utf8)

  private static func startsWord(_ byte: UInt8) -> Bool {
    byte | 32 >= UInt8(ascii: "a") && byte | 32 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
  }

  /// Whether a value's name may be printed without quotes.
  static func isBareName(_ name: String) -> Bool {
    guard let first = name.utf8.first, startsWord(first) else { return false }
    return name.utf8.allSatisfy { isNameByte($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    startsWord(byte) || isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "$")
  }

  private mutating func takeWord() -> String { take { Lexer.isNameByte($0) } }

  private mutating func take(while holds: (UInt8) -> Bool) -> String {
    let start = index
    while let byte = current, holds(byte) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func takeName() throws -> String {
    index += 1
    if current == UInt8(ascii: "\"") { return try takeString() }
    let name = takeWord()
    guard !name.isEmpty else { throw failure("a name is missing") }
    return name
  }

  private mutating func takeNumber() throws -> Token {
    let start = index
    if current == UInt8(ascii: "-") { index += 1 }
    if let byte = current, Lexer.startsWord(byte) {
      let word = takeWord()
      guard word == "inf" || word == "nan" else { throw failure("unexpected '-\(word)'") }
      return .real("-" + word)
    }
    let isNumberByte: (UInt8) -> Bool = { byte in
      Lexer.isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e")
        || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
    _ = take(while: isNumberByte)
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if let value = Int(text) { return .integer(value) }
    guard Double(text) != nil else { throw failure("'\(text)' is not a number") }
    return .real(text)
  }

  private mutating func takeString() throws -> String {
    index += 1
    var content: [UInt8] = []
    while let byte = current {
      index += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { break }
      if byte == UInt8(ascii: "\\") {
        content.append(contentsOf: try takeEscape())
      } else {
        content.append(byte)
      }
    }
    throw failure("a string is not closed")
  }

  private mutating func takeEscape() throws -> [UInt8] {
    guard let byte = current else { throw failure("a string is not closed") }
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "x"):
      guard index + 2 <= bytes.count,
        let code = UInt8(String(decoding: bytes[index..<(index + 2)], as: UTF8.self), radix: 16)
      else { throw failure("'\\x' needs two hexadecimal digits") }
      index += 2
      return [code]
    default: throw failure("unknown escape in a string")
    }
  }
}

extension String {
  /// In quotes, with control characters, quotes and backslashes escaped.
  var quoted: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case let control where control.value < 32 || control.value == 127:
        let digits = String(control.value, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" + digits : digits)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
