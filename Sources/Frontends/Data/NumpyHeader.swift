import IR

/// The header of a `.npy` file: a Python dictionary with the keys `descr`, `fortran_order` and
/// `shape`.
struct NumpyHeader {
  private(set) var element: ElementType = .f32
  /// Whether the data are big-endian.
  private(set) var isSwapped = false
  private(set) var isFortran = false
  private(set) var shape: Shape = []

  /// Type codes of NumPy and the element types that they store.
  private static let codes: [(code: String, element: ElementType)] = [
    ("f8", .f64), ("f4", .f32), ("f2", .f16), ("i8", .i64), ("i4", .i32), ("i2", .i16),
    ("i1", .i8), ("u8", .u64), ("u4", .u32), ("u2", .u16), ("u1", .u8), ("b1", .bool),
  ]

  /// The code, with byte order, under which `element` is written; nil for strings.
  static func code(of element: ElementType) -> String? {
    let stored: ElementType =
      switch element {
      case .bf16: .u16
      case .i4, .i2: .i8
      case .u4, .u2, .f4e2m1, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0: .u8
      default: element
      }
    guard let code = codes.first(where: { $0.element == stored })?.code else { return nil }
    return (stored.storageSize == 1 ? "|" : "<") + code
  }

  /// - Throws: a `Diagnostic` without a file.
  init(parsing text: String) throws {
    var scanner = PythonScanner(text)
    try scanner.expect("{")
    var keys: Set<String> = []
    while !scanner.take("}") {
      let key = try scanner.string()
      keys.insert(key)
      try scanner.expect(":")
      switch key {
      case "descr": try readCode(try scanner.string())
      case "fortran_order": isFortran = try scanner.bool()
      case "shape": shape = Shape(try scanner.tuple())
      default: throw Diagnostic.error("the .npy header has the unknown key '\(key)'")
      }
      if !scanner.take(",") {
        try scanner.expect("}")
        break
      }
    }
    guard keys.count == 3 else {
      throw Diagnostic.error("the .npy header needs descr, fortran_order and shape")
    }
    guard shape.rank <= 64 else { throw Diagnostic.error("a .npy array of \(shape.rank) dimensions") }
  }

  private mutating func readCode(_ code: String) throws {
    let order = code.first
    let name = order.map { "<>|=".contains($0) } == true ? String(code.dropFirst()) : code
    guard let found = NumpyHeader.codes.first(where: { $0.code == name })?.element else {
      throw Diagnostic.unsupported("a .npy array of type '\(code)' is not supported")
    }
    element = found
    isSwapped = order == ">" && found.storageSize > 1
  }
}

/// The few Python literals that a `.npy` header may hold.
private struct PythonScanner {
  private var rest: Substring

  init(_ text: String) { rest = Substring(text) }

  private mutating func skipSpace() {
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
  }

  mutating func take(_ token: Character) -> Bool {
    skipSpace()
    guard rest.first == token else { return false }
    rest.removeFirst()
    return true
  }

  mutating func expect(_ token: Character) throws {
    guard take(token) else {
      throw Diagnostic.error("the .npy header misses '\(token)' before '\(rest.prefix(20))'")
    }
  }

  mutating func string() throws -> String {
    skipSpace()
    guard let quote = rest.first, quote == "'" || quote == "\"" else {
      throw Diagnostic.unsupported("the .npy header is no plain array: '\(rest.prefix(20))'")
    }
    rest.removeFirst()
    guard let end = rest.firstIndex(of: quote) else {
      throw Diagnostic.error("the .npy header has an open string")
    }
    defer { rest = rest[rest.index(after: end)...] }
    return String(rest[..<end])
  }

  mutating func bool() throws -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)] where rest.hasPrefix(word) {
      rest = rest.dropFirst(word.count)
      return value
    }
    throw Diagnostic.error("the .npy header has '\(rest.prefix(20))' where True or False belongs")
  }

  mutating func tuple() throws -> [Int] {
    try expect("(")
    var values: [Int] = []
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let value = Int(digits), value <= 1 << 48, values.count < 100 else {
        throw Diagnostic.error("the .npy header has the extent '\(rest.prefix(20))'")
      }
      values.append(value)
      rest = rest.dropFirst(digits.count)
      if take("L") { continue }
      if !take(",") {
        try expect(")")
        break
      }
    }
    return values
  }
}
