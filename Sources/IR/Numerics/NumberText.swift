// Numbers as text and back, as ONNX `Cast` does to and from strings.

extension Tensor {
  /// Every string as a number of `element`.
  ///
  /// Plain (`3.14`) and scientific (`1e-5`) notation, `inf`, `infinity` and `nan` in any case, white
  /// space around. Source: ONNX `Operators.md`, `Cast`.
  ///
  /// - Throws: an `OperationError` with the first string that is no number.
  func parsedNumbers(as element: ElementType, saturate: Bool) throws -> Tensor {
    func invalid(_ text: String) -> OperationError {
      OperationError("'cast' cannot read \(text.quoted) as \(element)")
    }
    if element.isFloat {
      let values = try storage.strings.map { text -> Double in
        guard let value = NumberText.real(text) else { throw invalid(text) }
        return value
      }
      if element == .f64 { return Tensor(shape, values) }
      let narrow = element.bitWidth <= 8
      return Tensor.from(
        floats: values.map { Float($0) }, element, shape, saturate: narrow ? saturate : nil)
    }
    if element == .u64 {
      return Tensor(
        shape,
        try storage.strings.map { text -> UInt64 in
          guard let value = UInt64(NumberText.trimmed(text)) else { throw invalid(text) }
          return value
        })
    }
    let values = try storage.strings.map { text -> Int in
      guard let value = NumberText.integer(text, isTruth: element == .bool) else {
        throw invalid(text)
      }
      return value
    }
    return Tensor.from(integers: values, element, shape)
  }

  /// Every number as text.
  func writtenNumbers() -> Tensor {
    let list: [String]
    switch element {
    case .f64:
      list = array(of: Double.self).map { NumberText.written($0.description, $0, limit: 1e16) }
    case .f32:
      list = array(of: Float.self).map {
        NumberText.written($0.description, Double($0), limit: 1e6)
      }
    case .u64: list = array(of: UInt64.self).map { "\($0)" }
    case .bool: list = integers().map { $0 == 0 ? "False" : "True" }
    case _ where element.isFloat: list = floats().map { NumberText.shortest($0, element) }
    default: list = integers().map { "\($0)" }
    }
    return Tensor(shape, strings: list)
  }
}

/// One number as text. Written as NumPy does, which ONNX's reference evaluator uses: `1.0`, `0.1`,
/// `1e-05`, `inf`, `nan`.
enum NumberText {
  static func trimmed(_ text: String) -> Substring {
    var rest = text[...]
    while let first = rest.unicodeScalars.first, first.properties.isWhitespace {
      rest.unicodeScalars.removeFirst()
    }
    while let last = rest.unicodeScalars.last, last.properties.isWhitespace {
      rest.unicodeScalars.removeLast()
    }
    return rest
  }

  static func real(_ text: String) -> Double? {
    let body = trimmed(text).lowercased()
    switch body {
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    case "nan", "+nan", "-nan": return .nan
    default: break
    }
    // Swift reads hexadecimal numbers, too, which Cast does not know.
    let allowed = body.utf8.allSatisfy { byte in
      (48...57).contains(byte) || "+-.e".utf8.contains(byte)
    }
    guard allowed, body.utf8.contains(where: { (48...57).contains($0) }) else { return nil }
    if let value = Double(body) { return value }
    // "1." and ".5" are numbers to C.
    return body.hasSuffix(".") ? Double(body + "0") : Double("0" + body)
  }

  static func integer(_ text: String, isTruth: Bool) -> Int? {
    let body = trimmed(text)
    if let value = Int(body) { return value }
    guard isTruth else { return nil }
    switch body.lowercased() {
    case "true": return 1
    case "false": return 0
    default: return real(text).map { $0 == 0 ? 0 : 1 }
    }
  }

  /// Swift's shortest text of a number in NumPy's notation: with an exponent below 1e-4 and from
  /// `limit` on, which is as many digits as the type tells apart.
  static func written(_ text: String, _ value: Double, limit: Double) -> String {
    guard value.isFinite, value != 0 else { return text }
    let (digits, exponent) = decimal(text)
    let sign = value < 0 ? "-" : ""
    if value.magnitude < 1e-4 || value.magnitude >= limit {
      let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
      let size = "\(exponent.magnitude)"
      let power = (exponent < 0 ? "-" : "+") + (size.utf8.count < 2 ? "0" : "") + size
      return sign + digits.prefix(1) + fraction + "e" + power
    }
    if exponent < 0 {
      return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    let missing = max(exponent + 1 - digits.count, 0)
    let whole = digits.prefix(exponent + 1) + String(repeating: "0", count: missing)
    let fraction = digits.dropFirst(exponent + 1)
    return sign + whole + "." + (fraction.isEmpty ? "0" : fraction)
  }

  /// The significant digits of a decimal number, and the power of ten of the first one.
  private static func decimal(_ text: String) -> (digits: String, exponent: Int) {
    let parts = text.split(separator: "e")
    let halves = parts[0].drop { $0 == "-" }
      .split(separator: ".", omittingEmptySubsequences: false)
    let all = halves.joined()
    let leading = all.prefix { $0 == "0" }.count
    var digits = all.dropFirst(leading)
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    let power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return (String(digits), power + halves[0].count - 1 - leading)
  }

  /// The shortest text that the narrow type `element` rounds back to `value`.
  static func shortest(_ value: Float, _ element: ElementType) -> String {
    let real = Double(value)
    guard value.isFinite, value != 0, let layout = NarrowFloat.layout(of: element) else {
      return written(value.description, real, limit: 1e3)
    }
    let text = real.magnitude.description
    let wanted = layout.bits(value)
    for count in 1...9 {
      guard let rounded = roundedDecimal(text, count), let candidate = Float(rounded),
        layout.bits(value < 0 ? -candidate : candidate) == wanted
      else { continue }
      return written(rounded, real, limit: 1e3)
    }
    return written(text, real, limit: 1e3)
  }

  /// A positive decimal number rounded to `count` significant digits, half up.
  private static func roundedDecimal(_ text: String, _ count: Int) -> String? {
    let parts = text.split(separator: "e", omittingEmptySubsequences: false)
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = halves.count > 1 ? halves[1] : ""
    var digits = (halves[0] + fraction).utf8.map { Int($0) - 48 }
    var scale = exponent - fraction.count
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    if digits.count > count {
      let dropped = digits.count - count
      let roundsUp = digits[count] >= 5
      digits.removeLast(dropped)
      scale += dropped
      if roundsUp {
        var place = count - 1
        while place >= 0, digits[place] == 9 {
          digits[place] = 0
          place -= 1
        }
        if place >= 0 { digits[place] += 1 } else { digits.insert(1, at: 0) }
      }
    }
    return digits.map { "\($0)" }.joined() + "e\(scale)"
  }
}
