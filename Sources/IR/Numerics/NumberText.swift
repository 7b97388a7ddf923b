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
    case .f64: list = array(of: Double.self).map { NumberText.written($0.description) }
    case .f32: list = array(of: Float.self).map { NumberText.written($0.description) }
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
    guard allowed else { return nil }
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

  /// Swift's shortest text of a float in NumPy's notation: both change to exponents at 1e16 and
  /// below 1e-4, NumPy writes two digits of exponent, and no `.0` in front of it.
  static func written(_ text: String) -> String {
    let parts = text.split(separator: "e", omittingEmptySubsequences: false)
    guard parts.count == 2, let exponent = Int(parts[1]) else {
      // The float nearest to 1e-4 lies below it, which NumPy sees and the shortest text hides.
      guard let value = Float(text), Double(value.magnitude) < 1e-4, value != 0,
        let first = text.firstIndex(where: { ("1"..."9").contains($0) })
      else { return text }
      return (value < 0 ? "-" : "") + String(text[first...]) + "e-04"
    }
    let mantissa = parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0]
    // Swift writes large whole Floats with an exponent from 2^24 on.
    if (0..<16).contains(exponent) { return plain(String(mantissa), exponent) }
    let digits = "\(exponent.magnitude)"
    let sign = exponent < 0 ? "-" : "+"
    return "\(mantissa)e\(sign)\(digits.count < 2 ? "0" : "")\(digits)"
  }

  /// `mantissa · 10^exponent` without an exponent.
  private static func plain(_ mantissa: String, _ exponent: Int) -> String {
    let isNegative = mantissa.hasPrefix("-")
    let parts = mantissa.drop { $0 == "-" }.split(separator: ".")
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    let digits = String(parts.first ?? "0") + fraction
    let missing = exponent - fraction.count
    let whole = missing >= 0 ? digits + String(repeating: "0", count: missing)
      : String(digits.dropLast(-missing))
    let rest = missing >= 0 ? "0" : String(digits.suffix(-missing))
    return (isNegative ? "-" : "") + whole + "." + rest
  }

  /// The shortest text that the narrow type `element` rounds back to `value`.
  static func shortest(_ value: Float, _ element: ElementType) -> String {
    guard value.isFinite, value != 0 else { return written(value.description) }
    let magnitude = Double(value.magnitude)
    // The decimal exponent, from the shortest text of the number itself.
    let text = magnitude.description
    guard let layout = NarrowFloat.layout(of: element) else { return written(value.description) }
    let wanted = layout.bits(value)
    for count in 1...9 {
      guard let rounded = roundedDecimal(text, count), let candidate = Float(rounded),
        layout.bits(value < 0 ? -candidate : candidate) == wanted, let real = Double(rounded)
      else { continue }
      return written((value < 0 ? -real : real).description)
    }
    return written(value.description)
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
