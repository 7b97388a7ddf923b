extension Parser {
  mutating func parseOperation(
    in block: Block, _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws {
    let start = index
    var names: [String] = []
    if case .value = token {
      repeat { names.append(try takeNewValueName(scope)) } while accept(",")
      try expect("=")
    }
    let operation = try parseOperator()
    var operands: [Value] = []
    try expect("(")
    if !accept(")") {
      repeat { operands.append(try parseUse(&rewriter, &scope)) } while accept(",")
      try expect(")")
    }
    let configured = try parseAttributes(operation)
    var types: [TensorType] = []
    if accept(":") { repeat { types.append(try parseType()) } while accept(",") }
    var location = try parseLocation()
    if locatesLines {
      let position = tokens[start].position
      location.nodes.append(SourceNode(name: "\(position.line):\(position.column)"))
    }
    let regions = try parseRegions(&rewriter, &scope)
    guard types.count == names.count else {
      throw failure("\(names.count) names for \(types.count) results")
    }
    let results: [Value]
    do {
      results = try rewriter.insert(
        configured, operands, quantization: types.map(\.quantization), regions: regions,
        in: block, at: location)
    } catch let error as OperationError {
      index = start
      throw failure(error.message)
    }
    try declare(names, types, results, &rewriter, &scope, start)
  }

  mutating func declare(
    _ names: [String], _ types: [TensorType], _ results: [Value], _ rewriter: inout Rewriter,
    _ scope: inout Scope, _ start: Int
  ) throws {
    guard results.count == names.count else {
      index = start
      throw failure("the operation has \(results.count) results, not \(names.count)")
    }
    for (place, value) in results.enumerated() {
      guard rewriter.graph[value] == types[place] else {
        index = start
        throw failure("%\(names[place]) is declared \(types[place]) and is \(rewriter.graph[value])")
      }
      guard scope.values.updateValue(value, forKey: names[place]) == nil else {
        throw failure("%\(names[place]) is defined twice")
      }
      rewriter.setName(Parser.given(names[place]), of: value)
    }
  }

  mutating func parseOperator() throws -> any Operation {
    guard case .word(let mnemonic) = token else {
      throw failure("expected an operation, found \(token.text)")
    }
    guard let type = registry.operation(mnemonic) else {
      let nearest = nearestName(to: mnemonic, in: Array(registry.operations.keys.sorted()))
      var diagnostic = failure("no operation is named '\(mnemonic)'")
      diagnostic.help = nearest.map { ["did you mean '\($0)'?"] } ?? []
      diagnostic.help.append("an operation of a plugin needs --load-plugin PATH")
      throw diagnostic
    }
    advance()
    return type.init()
  }

  mutating func parseAttributes(_ operation: any Operation) throws -> any Operation {
    var operation = operation
    guard accept("{") else { return operation }
    repeat {
      guard case .word(let name) = token else {
        throw failure("expected an attribute's name, found \(token.text)")
      }
      advance()
      try expect("=")
      let value = try parseAttribute()
      do {
        try operation.setAttribute(name, value)
      } catch let error as OperationError {
        throw failure(error.message)
      }
    } while accept(",")
    try expect("}")
    return operation
  }

  mutating func parseAttribute() throws -> Attribute {
    switch token {
    case .integer(let value):
      advance()
      return .int(value)
    case .real, .word("inf"): return .float(try expectFloat())
    case .word("nan"):
      advance()
      return .float(.nan)
    case .string(let text):
      advance()
      return .string(text)
    case .word("true"), .word("false"):
      let value = token == .word("true")
      advance()
      return .bool(value)
    case .punctuation("["): return try parseListAttribute()
    default: throw failure("expected an attribute's value, found \(token.text)")
    }
  }

  mutating func parseListAttribute() throws -> Attribute {
    try expect("[")
    let items = try list(until: "]") { parser in
      guard parser.token != .punctuation("[") else { throw parser.failure("a list in a list") }
      return try parser.parseAttribute()
    }
    if items.isEmpty { return .empty }
    let ints = items.compactMap { Int(attribute: $0) }
    if ints.count == items.count { return .ints(ints) }
    let floats = items.compactMap { Float(attribute: $0) }
    if floats.count == items.count { return .floats(floats) }
    let strings = items.compactMap { String(attribute: $0) }
    if strings.count == items.count { return .strings(strings) }
    throw failure("a list's elements are of one kind")
  }

  mutating func parseLocation() throws -> Location {
    guard accept(word: "loc") else { return .none }
    try expect("(")
    let nodes = try list(until: ")") { parser in
      let name = try parser.expectString()
      return SourceNode(name: name, operation: parser.accept(":") ? try parser.expectString() : "")
    }
    return Location(nodes)
  }

  mutating func parseRegions(
    _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws -> [Block] {
    var regions: [Block] = []
    while accept(word: "region") {
      scope.depth += 1
      guard scope.depth <= Parser.depthLimit else { throw failure("regions are nested too deeply") }
      let block = rewriter.makeRegion()
      let outer = scope.values
      try expect("(")
      try parseArguments(of: block, &rewriter, &scope)
      try expect("{")
      let results = try parseBlock(block, "yield", &rewriter, &scope)
      rewriter.setResults(results, of: block)
      scope.values = outer
      scope.depth -= 1
      regions.append(block)
    }
    return regions
  }
}
