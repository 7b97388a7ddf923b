/// Differences from the nearest integers as text: most are 0 and nearly all others ±1, so runs of
/// zeros are numbers, and 1, 2, 3 … are `a`, `b`, `c` …, negative ones in capitals: `12a3A` is twelve
/// zeros, 1, three zeros, −1. What has no letter is in brackets: `(-31)`.
enum RoundingText {
  static func text(_ roundings: [Int]) -> String {
    var result: [UInt8] = []
    var zeros: Int = 0
    func flush() {
      if zeros > 0 { result += Array("\(zeros)".utf8) }
      zeros = 0
    }
    for rounding in roundings {
      if rounding == 0 {
        zeros += 1
        continue
      }
      flush()
      if rounding.magnitude <= 26 {
        let letter = UInt8(ascii: rounding > 0 ? "a" : "A")
        result.append(letter + UInt8(rounding.magnitude - 1))
      } else {
        result += Array("(\(rounding))".utf8)
      }
    }
    flush()
    return String(decoding: result, as: UTF8.self)
  }

  /// nil for text that this does not write, and for more than `limit` differences.
  static func roundings(_ text: String, limit: Int = 1 << 30) -> [Int]? {
    var result: [Int] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.first {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let count = Int(String(decoding: digits, as: UTF8.self)),
          count <= limit - result.count
        else { return nil }
        result += [Int](repeating: 0, count: count)
        bytes = bytes.dropFirst(digits.count)
      case UInt8(ascii: "a")...UInt8(ascii: "z"):
        result.append(Int(byte - UInt8(ascii: "a")) + 1)
        bytes = bytes.dropFirst()
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        result.append(-Int(byte - UInt8(ascii: "A")) - 1)
        bytes = bytes.dropFirst()
      case UInt8(ascii: "("):
        guard let end = bytes.firstIndex(of: UInt8(ascii: ")")),
          let value = Int(String(decoding: bytes[(bytes.startIndex + 1)..<end], as: UTF8.self)),
          (-255...255).contains(value)
        else { return nil }
        result.append(value)
        bytes = bytes[(end + 1)...]
      default: return nil
      }
    }
    return result
  }
}
