/// Reads the text form. Every problem is a `Diagnostic` with line and column.
public struct Parser {
  let registry: Registry
  var tokens: [(token: Token, position: Position)]
  var index: Int = 0
  var resources: [String: [UInt8]] = [:]
  var locatesLines: Bool = false
  var constants: [String: (name: String?, tensor: Tensor)] = [:]

  /// Deepest nesting of regions.
  static let depthLimit: Int = 64

  /// - Throws: a `Diagnostic` with the category `.input`.
  ///
  /// - Parameter locatesLines: whether `line:column` joins every operation's location, for tools that
  ///   speak of lines.
  public static func parse(
    _ text: String, _ registry: Registry, locatesLines: Bool = false
  ) throws -> Module {
    var parser = Parser(registry, try Lexer.tokenize(text))
    parser.locatesLines = locatesLines
    try parser.readResources()
    let module = try parser.parseModule()
    try Verifier(registry).verify(module)
    return module
  }

  private init(_ registry: Registry, _ tokens: [(Token, Position)]) {
    self.registry = registry
    self.tokens = tokens.map { (token: $0.0, position: $0.1) }
  }

  // MARK: Tokens

  var token: Token { tokens[index].token }

  func failure(_ message: String) -> Diagnostic {
    let position = tokens[index].position
    return .error(message, place: "\(position.line):\(position.column)")
  }

  mutating func advance() { if index + 1 < tokens.count { index += 1 } }

  mutating func accept(_ punctuation: String) -> Bool {
    guard token == .punctuation(punctuation) else { return false }
    advance()
    return true
  }

  mutating func accept(word: String) -> Bool {
    guard token == .word(word) else { return false }
    advance()
    return true
  }

  mutating func expect(_ punctuation: String) throws {
    guard accept(punctuation) else {
      throw failure("expected '\(punctuation)', found \(token.text)")
    }
  }

  mutating func expect(word: String) throws {
    guard accept(word: word) else { throw failure("expected '\(word)', found \(token.text)") }
  }

  mutating func expectSymbol() throws -> String {
    guard case .symbol(let name) = token else {
      throw failure("expected a name with '@', found \(token.text)")
    }
    advance()
    return name
  }

  mutating func expectString() throws -> String {
    guard case .string(let text) = token else {
      throw failure("expected a string, found \(token.text)")
    }
    advance()
    return text
  }

  mutating func expectInteger() throws -> Int {
    guard case .integer(let value) = token else {
      throw failure("expected an integer, found \(token.text)")
    }
    advance()
    return value
  }

  mutating func expectFloat() throws -> Float {
    switch token {
    case .integer(let value):
      advance()
      return Float(value)
    case .real(let text):
      guard let value = Float(text) else { throw failure("'\(text)' is not a number") }
      advance()
      return value
    case .word("inf"):
      advance()
      return .infinity
    default: throw failure("expected a number, found \(token.text)")
    }
  }

  /// Items separated by commas up to `close`, which is consumed.
  mutating func list<T>(
    until close: String, _ item: (inout Parser) throws -> T
  ) throws -> [T] {
    var result: [T] = []
    if accept(close) { return result }
    repeat { result.append(try item(&self)) } while accept(",")
    try expect(close)
    return result
  }
}
