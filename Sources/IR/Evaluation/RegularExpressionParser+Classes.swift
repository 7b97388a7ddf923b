// Classes of characters.

extension RegularExpressionParser {
  /// Behind `[`.
  mutating func parseClass() throws -> CharacterSet {
    var set = CharacterSet(isNegated: accept("^"), ignoresCase: flags.ignoresCase)
    var isFirst = true
    while isFirst || current != "]" {
      isFirst = false
      if current == "[", place + 1 < pattern.count, pattern[place + 1] == ":" {
        set.ranges += try parseNamedClass()
        continue
      }
      let low = try parseClassItem()
      guard low.count == 1, low[0].lowerBound == low[0].upperBound, current == "-",
        place + 1 < pattern.count, pattern[place + 1] != "]"
      else {
        set.ranges += low
        continue
      }
      place += 1
      let high = try parseClassItem()
      guard high.count == 1, high[0].lowerBound == high[0].upperBound,
        high[0].lowerBound >= low[0].lowerBound
      else { throw failure("a range of characters runs backwards") }
      set.ranges.append(low[0].lowerBound...high[0].lowerBound)
    }
    place += 1
    return set
  }

  private mutating func parseClassItem() throws -> [ClosedRange<UInt32>] {
    let scalar = try take()
    if scalar == "\\" { return try parseEscapedSet().plainRanges }
    return [scalar.value...scalar.value]
  }

  /// `[:alpha:]` and its like.
  private mutating func parseNamedClass() throws -> [ClosedRange<UInt32>] {
    place += 2
    let isNegated = accept("^")
    var name = ""
    while !accept(":") { name.unicodeScalars.append(try take()) }
    guard accept("]") else { throw failure("a named class is not closed") }
    let set: CharacterSet
    switch name {
    case "alnum": set = CharacterSet(ranges: [48...57, 65...90, 97...122])
    case "alpha": set = CharacterSet(ranges: [65...90, 97...122])
    case "ascii": set = CharacterSet(ranges: [0...127])
    case "blank": set = CharacterSet(ranges: [9...9, 32...32])
    case "cntrl": set = CharacterSet(ranges: [0...31, 127...127])
    case "digit": set = .digit
    case "graph": set = CharacterSet(ranges: [33...126])
    case "lower": set = CharacterSet(ranges: [97...122])
    case "print": set = CharacterSet(ranges: [32...126])
    case "punct": set = CharacterSet(ranges: [33...47, 58...64, 91...96, 123...126])
    case "space": set = CharacterSet(ranges: [9...13, 32...32])
    case "upper": set = CharacterSet(ranges: [65...90])
    case "word": set = .word
    case "xdigit": set = CharacterSet(ranges: [48...57, 65...70, 97...102])
    default: throw failure("the class '\(name)' is not known")
    }
    return CharacterSet(ranges: set.ranges, isNegated: isNegated).plainRanges
  }
}
