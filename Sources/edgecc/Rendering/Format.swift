/// Numbers for people: the same digits in every locale.
enum Format {
  /// `1234567` as `1 234 567`, with narrow gaps left to plain spaces.
  static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { result += " " }
      result.append(digit)
    }
    return value < 0 ? "-" + result : result
  }

  /// `value` with `places` decimals; infinities and NaN by name.
  static func fixed(_ value: Double, _ places: Int) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole != 0 ? "-" : ""
    if places == 0 { return sign + String(whole) }
    let fraction = String(whole % Int(scale))
    let zeros = String(repeating: "0", count: places - fraction.count)
    return "\(sign)\(whole / Int(scale)).\(zeros)\(fraction)"
  }

  /// Three or so significant digits, with an exponent where the value is very small or large.
  static func short(_ value: Double) -> String {
    if value == 0 || !value.isFinite { return value == 0 ? "0" : fixed(value, 0) }
    let size = value.magnitude
    if size >= 1e-3 && size < 1e6 {
      return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 3 : 5)
    }
    var exponent = 0
    var mantissa = size
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return (value < 0 ? "-" : "") + fixed(mantissa, 2) + "e\(exponent)"
  }

  /// A measured figure with its unit.
  static func measure(_ value: Double, _ unit: String) -> String {
    let whole = value.rounded() == value && value.magnitude < 9e15
    let number = whole ? grouped(Int(value)) : fixed(value, 2)
    if unit == "percent" { return number + " %" }
    return unit.isEmpty ? number : "\(number) \(unit)"
  }

  static func decibels(_ value: Double) -> String {
    value == .infinity ? "exact" : fixed(value, 1) + " dB"
  }

  static func percent(_ fraction: Double) -> String { fixed(fraction * 100, 2) + " %" }

  /// `1 operation`, `2 operations`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `text` in at most `width` characters, its end replaced by an ellipsis.
  static func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }
}
