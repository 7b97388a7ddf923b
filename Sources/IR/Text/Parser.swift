/// Reads the text form. Every problem is a `Diagnostic` with line and column.
public struct Parser {
  private let registry: Registry
  private var tokens: [(token: Token, position: Position)]
  private var index: Int = 0
  private var resources: [String: [UInt8]] = [:]
  private var constants: [String: (name: String?, tensor: Tensor)] = [:]

  /// Deepest nesting of regions.
  private static let depthLimit: Int = 64

  /// - Throws: a `Diagnostic` with the category `.input`.
  public static func parse(_ text: String, _ registry: Registry) throws -> Module {
    var parser = Parser(registry, try Lexer.tokenize(text))
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

  private var token: Token { tokens[index].token }

  private func failure(_ message: String) -> Diagnostic {
    let position = tokens[index].position
    return .error(message, place: "\(position.line):\(position.column)")
  }

  private mutating func advance() { if index + 1 < tokens.count { index += 1 } }

  private mutating func accept(_ punctuation: String) -> Bool {
    guard token == .punctuation(punctuation) else { return false }
    advance()
    return true
  }

  private mutating func accept(word: String) -> Bool {
    guard token == .word(word) else { return false }
    advance()
    return true
  }

  private mutating func expect(_ punctuation: String) throws {
    guard accept(punctuation) else {
      throw failure("expected '\(punctuation)', found \(token.text)")
    }
  }

  private mutating func expect(word: String) throws {
    guard accept(word: word) else { throw failure("expected '\(word)', found \(token.text)") }
  }

  private mutating func expectSymbol() throws -> String {
    guard case .symbol(let name) = token else {
      throw failure("expected a name with '@', found \(token.text)")
    }
    advance()
    return name
  }

  private mutating func expectString() throws -> String {
    guard case .string(let text) = token else {
      throw failure("expected a string, found \(token.text)")
    }
    advance()
    return text
  }

  private mutating func expectInteger() throws -> Int {
    guard case .integer(let value) = token else {
      throw failure("expected an integer, found \(token.text)")
    }
    advance()
    return value
  }

  private mutating func expectFloat() throws -> Float {
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
  private mutating func list<T>(
    until close: String, _ item: (inout Parser) throws -> T
  ) throws -> [T] {
    var result: [T] = []
    if accept(close) { return result }
    repeat { result.append(try item(&self)) } while accept(",")
    try expect(close)
    return result
  }
}

// MARK: Module

extension Parser {
  /// The resources stand behind the module that needs them, so they are read first.
  private mutating func readResources() throws {
    var depth = 0
    for (place, item) in tokens.enumerated() {
      if item.token == .punctuation("{") { depth += 1 }
      if item.token == .punctuation("}") { depth -= 1 }
      guard depth == 0, item.token == .word("resources") else { continue }
      index = place + 1
      try expect("{")
      while !accept("}") {
        let digest = try expectString()
        try expect(":")
        let encoded = try expectString()
        guard let bytes = Base64.decode(encoded) else {
          throw failure("resource \(digest.quoted) is not base64")
        }
        resources[digest] = bytes
      }
      guard token == .end else { throw failure("expected the end, found \(token.text)") }
      tokens[place].token = .end
      tokens.removeSubrange((place + 1)...)
      break
    }
    index = 0
  }

  private mutating func parseModule() throws -> Module {
    try expect(word: "module")
    var module = Module(name: try expectSymbol())
    if accept(word: "source") {
      try expect("(")
      let parts = try list(until: ")") { try $0.expectString() }
      guard parts.count == 3 else { throw failure("a source has file, format and producer") }
      module.source = Module.Source(file: parts[0], format: parts[1], producer: parts[2])
    }
    try expect("{")
    while !accept("}") {
      if accept(word: "constant") {
        try parseConstant()
      } else if accept(word: "func") {
        module.functions.append(try parseFunction())
      } else {
        throw failure("expected 'constant' or 'func', found \(token.text)")
      }
    }
    guard token == .end else { throw failure("expected the end, found \(token.text)") }
    guard module.function(Module.mainName) != nil else { throw failure("there is no func @main") }
    return module
  }

  private mutating func parseConstant() throws {
    let name = try expectSymbol()
    try expect(":")
    let type = try parseType()
    try expect("=")
    guard type.shape.isStatic, let count = type.shape.checkedCount else {
      throw failure("a constant's shape is known")
    }
    let tensor: Tensor
    if accept(word: "dense") {
      try expect("<")
      try expect("[")
      tensor = try parseElements(type, count)
      try expect(">")
    } else {
      try expect(word: "resource")
      try expect("<")
      tensor = try takeResource(try expectString(), type, count)
      try expect(">")
    }
    let isNumber = name.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
    guard constants.updateValue((isNumber ? nil : name, tensor), forKey: name) == nil else {
      throw failure("constant @\(name) is defined twice")
    }
  }

  private mutating func parseElements(_ type: TensorType, _ count: Int) throws -> Tensor {
    let tensor: Tensor
    if type.element == .string {
      let strings = try list(until: "]") { try $0.expectString() }
      guard strings.count == count else {
        throw failure("\(strings.count) elements for \(type)")
      }
      return Tensor(type.shape, strings: strings)
    }
    let texts = try list(until: "]") { try $0.takeNumberText() }
    guard texts.count == count else { throw failure("\(texts.count) elements for \(type)") }
    switch type.element {
    case .f64:
      tensor = Tensor(type.shape, try texts.map { (text: String) -> Double in try number(text) })
    case .u64:
      tensor = Tensor(type.shape, try texts.map { (text: String) -> UInt64 in try number(text) })
    case _ where type.element.isFloat:
      tensor = Tensor.from(
        floats: try texts.map { (text: String) -> Float in try number(text) }, type.element,
        type.shape)
    default:
      let values: [Int] = try texts.map { try number($0) }
      tensor = Tensor.from(integers: values, type.element, type.shape)
      guard tensor.integers() == values else { throw failure("an element does not fit \(type)") }
    }
    return tensor.reinterpreted(as: type)
  }

  private mutating func takeNumberText() throws -> String {
    switch token {
    case .integer(let value):
      advance()
      return "\(value)"
    case .real(let text):
      advance()
      return text
    case .word("inf"):
      advance()
      return "inf"
    default: throw failure("expected a number, found \(token.text)")
    }
  }

  private func number<T: LosslessStringConvertible>(_ text: String) throws -> T {
    guard let value = T(text) else { throw failure("'\(text)' does not fit the element type") }
    return value
  }

  private func takeResource(_ digest: String, _ type: TensorType, _ count: Int) throws -> Tensor {
    guard let bytes = resources[digest] else {
      throw failure("resource \(digest.quoted) is missing: the text was printed without weights")
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: type.element.storageSize)
    guard !overflow, type.element != .string, bytes.count == size else {
      throw failure("resource \(digest.quoted) has \(bytes.count) bytes, which \(type) does not")
    }
    let storage = Storage(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
    return Tensor(type, storage: storage)
  }
}

// MARK: Types

extension Parser {
  private mutating func parseType() throws -> TensorType {
    try expect(word: "tensor")
    try expect("<")
    var extents: [Int] = []
    var element: ElementType?
    while element == nil {
      if accept("?") {
        extents.append(Shape.unknown)
        element = try parseExtents(afterQuestion: true, &extents)
      } else if case .integer(let extent) = token {
        advance()
        extents.append(extent)
        element = try parseExtents(afterQuestion: false, &extents)
      } else if case .word(let name) = token, let type = ElementType(rawValue: name) {
        advance()
        element = type
      } else {
        throw failure("expected an extent or element type, found \(token.text)")
      }
    }
    var type = TensorType(element ?? .f32, Shape(extents))
    if accept(",") { type.quantization = try parseQuantization() }
    try expect(">")
    return type
  }

  /// What follows an extent lexes as one word such as `x8x3xf32`: splits it.
  private mutating func parseExtents(
    afterQuestion: Bool, _ extents: inout [Int]
  ) throws -> ElementType? {
    guard case .word(let word) = token, word.first == "x" else {
      throw failure("expected 'x' after an extent, found \(token.text)")
    }
    advance()
    let parts = word.dropFirst().split(separator: "x", omittingEmptySubsequences: false)
    for (place, part) in parts.enumerated() {
      if let extent = Int(part) {
        extents.append(extent)
      } else if place == parts.count - 1, part.isEmpty {
        return nil
      } else if place == parts.count - 1, let element = ElementType(rawValue: String(part)) {
        return element
      } else {
        throw failure("'\(part)' is neither an extent nor an element type")
      }
    }
    throw failure("an element type is missing")
  }

  private mutating func parseQuantization() throws -> Quantization {
    var axis: Int?
    if accept(word: "axis") {
      try expect("=")
      axis = try expectInteger()
      try expect(",")
    }
    try expect(word: "scale")
    try expect("=")
    let scales = try parseOneOrMore { try $0.expectFloat() }
    var zeroPoints = [Int32](repeating: 0, count: scales.count)
    if accept(",") {
      try expect(word: "zp")
      try expect("=")
      zeroPoints = try parseOneOrMore { parser in
        guard let value = Int32(exactly: try parser.expectInteger()) else {
          throw parser.failure("a zero point has 32 bits")
        }
        return value
      }
    }
    guard zeroPoints.count == scales.count else {
      throw failure("\(scales.count) scales and \(zeroPoints.count) zero points")
    }
    return Quantization(scales: scales, zeroPoints: zeroPoints, axis: axis)
  }

  private mutating func parseOneOrMore<T>(_ item: (inout Parser) throws -> T) throws -> [T] {
    if accept("[") { return try list(until: "]", item) }
    return [try item(&self)]
  }
}

// MARK: Functions

extension Parser {
  /// The values of a function by their printed names.
  private struct Scope {
    var values: [String: Value] = [:]
    var constants: [String: Value] = [:]
    var depth = 0
  }

  private mutating func parseFunction() throws -> Function {
    let name = try expectSymbol()
    var rewriter = Rewriter()
    var scope = Scope()
    try expect("(")
    try parseArguments(of: rewriter.graph.entry, &rewriter, &scope)
    try expect("->")
    try expect("(")
    let outputs = try list(until: ")") { parser in
      let name = try parser.takeOutputName()
      try parser.expect(":")
      return (name, try parser.parseType())
    }
    try expect("{")
    let results = try parseBlock(rewriter.graph.entry, "return", &rewriter, &scope)
    guard results.count == outputs.count else {
      throw failure("@\(name) declares \(outputs.count) results and returns \(results.count)")
    }
    for (value, output) in zip(results, outputs) where rewriter.graph[value] != output.1 {
      throw failure("'\(output.0)' is declared \(output.1) and is \(rewriter.graph[value])")
    }
    rewriter.setResults(zip(outputs, results).map { (name: $0.0, value: $1) })
    return Function(name: name, graph: rewriter.finish())
  }

  private mutating func takeOutputName() throws -> String {
    if case .word(let name) = token {
      advance()
      return name
    }
    return try expectString()
  }

  private mutating func parseArguments(
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

  private mutating func takeNewValueName(_ scope: Scope) throws -> String {
    guard case .value(let name) = token else {
      throw failure("expected a value's name with '%', found \(token.text)")
    }
    if scope.values[name] != nil { throw failure("%\(name) is defined twice") }
    advance()
    return name
  }

  /// A name made of digits only numbers an unnamed value.
  private static func given(_ name: String) -> String? {
    name.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? nil : name
  }

  private mutating func parseBlock(
    _ block: Block, _ keyword: String, _ rewriter: inout Rewriter, _ scope: inout Scope
  ) throws -> [Value] {
    while !accept(word: keyword) { try parseOperation(in: block, &rewriter, &scope) }
    if accept("}") { return [] }
    var results: [Value] = []
    repeat { results.append(try parseUse(&rewriter, &scope)) } while accept(",")
    try expect("}")
    return results
  }

  private mutating func parseUse(
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

  private mutating func parseOperation(
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
    let location = try parseLocation()
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

  private mutating func declare(
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

  private mutating func parseOperator() throws -> any Operation {
    guard case .word(let mnemonic) = token else {
      throw failure("expected an operation, found \(token.text)")
    }
    guard let type = registry.operation(mnemonic) else {
      let nearest = nearestName(to: mnemonic, in: Array(registry.operations.keys.sorted()))
      var diagnostic = failure("no operation is named '\(mnemonic)'")
      diagnostic.help = nearest.map { ["did you mean '\($0)'?"] } ?? []
      throw diagnostic
    }
    advance()
    return type.init()
  }

  private mutating func parseAttributes(_ operation: any Operation) throws -> any Operation {
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

  private mutating func parseAttribute() throws -> Attribute {
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

  private mutating func parseListAttribute() throws -> Attribute {
    try expect("[")
    let items = try list(until: "]") { try $0.parseAttribute() }
    if items.isEmpty { return .empty }
    let ints = items.compactMap { Int(attribute: $0) }
    if ints.count == items.count { return .ints(ints) }
    let floats = items.compactMap { Float(attribute: $0) }
    if floats.count == items.count { return .floats(floats) }
    let strings = items.compactMap { String(attribute: $0) }
    if strings.count == items.count { return .strings(strings) }
    throw failure("a list's elements are of one kind")
  }

  private mutating func parseLocation() throws -> Location {
    guard accept(word: "loc") else { return .none }
    try expect("(")
    let nodes = try list(until: ")") { parser in
      let name = try parser.expectString()
      return SourceNode(name: name, operation: parser.accept(":") ? try parser.expectString() : "")
    }
    return Location(nodes)
  }

  private mutating func parseRegions(
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
