extension Parser {
  /// The values of a function by their printed names.
  struct Scope {
    var values: [String: Value] = [:]
    var constants: [String: Value] = [:]
    var depth = 0
  }

  mutating func parseFunction() throws -> Function {
    let name = try expectSymbol()
    var rewriter = Rewriter()
    var scope = Scope()
    try expect("(")
    try parseArguments(of: rewriter.graph.entry, &rewriter, &scope)
    let states = try parseStates(&rewriter, &scope)
    try expect("->")
    try expect("(")
    let outputs = try list(until: ")") { parser in
      let name = try parser.takeOutputName()
      try parser.expect(":")
      return (name, try parser.parseType())
    }
    try expect("{")
    let (results, next) = try parseBody(&rewriter, &scope)
    guard results.count == outputs.count else {
      throw failure("@\(name) declares \(outputs.count) results and returns \(results.count)")
    }
    for (value, output) in zip(results, outputs) where rewriter.graph[value] != output.1 {
      throw failure("'\(output.0)' is declared \(output.1) and is \(rewriter.graph[value])")
    }
    rewriter.setResults(zip(outputs, results).map { (name: $0.0, value: $1) })
    guard next.count == states.count else {
      throw failure("@\(name) has \(states.count) states and returns \(next.count)")
    }
    for (state, value) in zip(states, next) {
      guard rewriter.graph[value] == rewriter.graph[state] else {
        throw failure("a state is \(rewriter.graph[state]) and becomes \(rewriter.graph[value])")
      }
      rewriter.setNextState(value, of: state)
    }
    return Function(name: name, graph: rewriter.finish())
  }

  /// `state(%h: tensor<1x4xf32> = @h.initial)`, which a function may lack.
  private mutating func parseStates(
    _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws -> [Value] {
    guard accept(word: "state") else { return [] }
    try expect("(")
    var states: [Value] = []
    repeat {
      let name = try takeNewValueName(scope)
      try expect(":")
      let type = try parseType()
      try expect("=")
      guard case .symbol(let symbol) = token, let initial = constants[symbol] else {
        throw failure("expected a constant, found \(token.text)")
      }
      guard initial.tensor.type == type else {
        throw failure("%\(name) is \(type) and starts from \(initial.tensor.type)")
      }
      advance()
      let state = rewriter.addState(
        initial.tensor, name: Parser.given(name), initialName: initial.name)
      scope.values[name] = state
      states.append(state)
    } while accept(",")
    try expect(")")
    return states
  }

  /// The operations of a function and what it returns: results, then the next states.
  private mutating func parseBody(
    _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws -> (results: [Value], next: [Value]) {
    while !accept(word: "return") {
      try parseOperation(in: rewriter.graph.entry, &rewriter, &scope)
    }
    var (results, next): ([Value], [Value]) = ([], [])
    if token != .punctuation("}"), token != .word("next") {
      repeat { results.append(try parseUse(&rewriter, &scope)) } while accept(",")
    }
    if accept(word: "next") {
      repeat { next.append(try parseUse(&rewriter, &scope)) } while accept(",")
    }
    try expect("}")
    return (results, next)
  }

  mutating func takeOutputName() throws -> String {
    if case .word(let name) = token {
      advance()
      return name
    }
    return try expectString()
  }

  mutating func parseArguments(
    of block: Block, _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws {
    if accept(")") { return }
    repeat {
      let name = try takeNewValueName(scope)
      try expect(":")
      let value = rewriter.addArgument(try parseType(), name: Parser.given(name), to: block)
      scope.values[name] = value
    } while accept(",")
    try expect(")")
  }

  mutating func takeNewValueName(_ scope: Scope) throws -> String {
    guard case .value(let name) = token else {
      throw failure("expected a value's name with '%', found \(token.text)")
    }
    if scope.values[name] != nil { throw failure("%\(name) is defined twice") }
    advance()
    return name
  }

  /// A name made of digits only numbers an unnamed value.
  static func given(_ name: String) -> String? {
    name.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? nil : name
  }

  mutating func parseBlock(
    _ block: Block, _ keyword: String, _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws -> [Value] {
    while !accept(word: keyword) { try parseOperation(in: block, &rewriter, &scope) }
    if accept("}") { return [] }
    var results: [Value] = []
    repeat { results.append(try parseUse(&rewriter, &scope)) } while accept(",")
    try expect("}")
    return results
  }

  mutating func parseUse(
    _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws -> Value {
    switch token {
    case .value(let name):
      guard let value = scope.values[name] else { throw failure("%\(name) is not defined") }
      advance()
      return value
    case .symbol(let name):
      guard let constant = constants[name] else { throw failure("@\(name) is not defined") }
      advance()
      if let value = scope.constants[name] { return value }
      let value = rewriter.constant(constant.tensor, name: constant.name)
      scope.constants[name] = value
      return value
    default: throw failure("expected a value, found \(token.text)")
    }
  }
}
