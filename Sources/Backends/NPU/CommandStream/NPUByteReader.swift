/// Reads little-endian numbers from a slice of a file; running off the end is an error.
struct NPUByteReader {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }
  var remaining: Int { end - position }

  func error(_ reason: String) -> NPUStreamError {
    NPUStreamError(offset: position, reason: reason)
  }

  mutating func read(_ width: NPUFieldWidth) throws -> Int {
    guard remaining >= width.bytes else { throw error("needs \(width.bytes) bytes, has \(remaining)") }
    var value: Int = 0
    for index in 0..<width.bytes { value |= Int(bytes[position + index]) << (8 * index) }
    position += width.bytes
    if width == .i32 { value = Int(Int32(truncatingIfNeeded: value)) }
    return value
  }

  mutating func readWide() throws -> UInt64 {
    let low = try read(.u32)
    let high = try read(.u32)
    return UInt64(low) | UInt64(high) << 32
  }

  mutating func readText() throws -> String {
    let count = try read(.u16)
    guard count <= remaining else { throw error("text of \(count) bytes, \(remaining) left") }
    let slice = bytes[position..<(position + count)]
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw error("text is not UTF-8")
    }
    position += count
    return text
  }

  mutating func readBytes(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= remaining else { throw error("\(count) bytes, \(remaining) left") }
    defer { position += count }
    return Array(bytes[position..<(position + count)])
  }
}
