extension Parser {
  /// The resources stand behind the module that needs them, so they are read first.
  mutating func readResources() throws {
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

  mutating func parseModule() throws -> Module {
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

  mutating func parseConstant() throws {
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

  mutating func parseElements(_ type: TensorType, _ count: Int) throws -> Tensor {
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

  mutating func takeNumberText() throws -> String {
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

  func number<T: LosslessStringConvertible>(_ text: String) throws -> T {
    guard let value = T(text) else { throw failure("'\(text)' does not fit the element type") }
    return value
  }

  func takeResource(_ digest: String, _ type: TensorType, _ count: Int) throws -> Tensor {
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
