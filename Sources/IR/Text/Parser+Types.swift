extension Parser {
  mutating func parseType() throws -> TensorType {
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
    guard type.shape.isAddressable else { throw failure("\(type) has too many elements") }
    if accept(",") { type.quantization = try parseQuantization() }
    try expect(">")
    return type
  }

  /// What follows an extent lexes as one word such as `x8x3xf32`: splits it.
  mutating func parseExtents(
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

  mutating func parseQuantization() throws -> Quantization {
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

  mutating func parseOneOrMore<T>(_ item: (inout Parser) throws -> T) throws -> [T] {
    if accept("[") { return try list(until: "]", item) }
    return [try item(&self)]
  }
}
