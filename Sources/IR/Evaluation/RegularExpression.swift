/// A regular expression as a set of states that all advance at once, so that matching takes time in
/// proportion to text times pattern, whatever the pattern.
///
/// RE2's syntax (github.com/google/re2, `doc/syntax.txt`) without Unicode classes (`\p{…}`) and
/// `\C`. Sources: K. Thompson, CACM 11(6), 1968; R. Cox, "Regular Expression Matching Can Be Simple
/// And Fast", 2007.
struct RegularExpression {
  enum Anchor { case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary }

  enum Instruction {
    case match
    case one(CharacterSet)
    case anchor(Anchor)
    /// Goes on at both.
    case split(Int, Int)
    case jump(Int)
  }

  /// States that repetitions may unfold to.
  static let sizeLimit: Int = 1 << 16

  private let program: [Instruction]

  /// - Throws: an `OperationError` that says what in the pattern is not understood.
  init(_ pattern: String) throws {
    var parser = RegularExpressionParser(pattern)
    var program: [Instruction] = []
    try RegularExpression.compile(try parser.parse(), &program)
    program.append(.match)
    self.program = program
  }

  /// Whether the whole of `text` matches.
  func matches(all text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var states = closure([0], scalars, 0)
    for (place, scalar) in scalars.enumerated() {
      var next: [Int] = []
      for state in states {
        if case .one(let set) = program[state], set.contains(scalar) { next.append(state + 1) }
      }
      if next.isEmpty { return false }
      states = closure(next, scalars, place + 1)
    }
    return states.contains { if case .match = program[$0] { true } else { false } }
  }

  /// The states reached from `start` without taking a character at `place`.
  private func closure(_ start: [Int], _ text: [Unicode.Scalar], _ place: Int) -> [Int] {
    var seen = [Bool](repeating: false, count: program.count)
    var open = start
    var result: [Int] = []
    while let state = open.popLast() {
      if seen[state] { continue }
      seen[state] = true
      switch program[state] {
      case .jump(let target): open.append(target)
      case .split(let first, let second): open += [second, first]
      case .anchor(let anchor):
        if holds(anchor, text, place) { open.append(state + 1) }
      case .one, .match: result.append(state)
      }
    }
    return result
  }

  private func holds(_ anchor: Anchor, _ text: [Unicode.Scalar], _ place: Int) -> Bool {
    func isWord(_ index: Int) -> Bool {
      text.indices.contains(index) && CharacterSet.word.contains(text[index])
    }
    switch anchor {
    case .textStart: return place == 0
    case .textEnd: return place == text.count
    case .lineStart: return place == 0 || text[place - 1] == "\n"
    case .lineEnd: return place == text.count || text[place] == "\n"
    case .wordBoundary: return isWord(place - 1) != isWord(place)
    case .noWordBoundary: return isWord(place - 1) == isWord(place)
    }
  }

  // MARK: Compiling

  private static func compile(_ node: RegularExpressionNode, _ out: inout [Instruction]) throws {
    guard out.count <= sizeLimit else {
      throw OperationError("the pattern unfolds to more than \(sizeLimit) states")
    }
    switch node {
    case .empty: break
    case .set(let set): out.append(.one(set))
    case .anchor(let anchor): out.append(.anchor(anchor))
    case .sequence(let parts): for part in parts { try compile(part, &out) }
    case .choice(let parts): try compileChoice(parts, &out)
    case .repetition(let part, let least, let most):
      for _ in 0..<least {
        let start = out.count
        try compile(part, &out)
        // What makes no states makes none however often.
        if out.count == start { break }
      }
      guard let most else {
        let split = out.count
        out.append(.match)
        try compile(part, &out)
        out.append(.jump(split))
        out[split] = .split(split + 1, out.count)
        return
      }
      var splits: [Int] = []
      for _ in least..<max(most, least) {
        splits.append(out.count)
        out.append(.match)
        try compile(part, &out)
      }
      for split in splits { out[split] = .split(split + 1, out.count) }
    }
  }

  private static func compileChoice(
    _ parts: [RegularExpressionNode], _ out: inout [Instruction]
  ) throws {
    var exits: [Int] = []
    for (index, part) in parts.enumerated() {
      guard index + 1 < parts.count else {
        try compile(part, &out)
        break
      }
      let split = out.count
      out.append(.match)
      try compile(part, &out)
      exits.append(out.count)
      out.append(.match)
      out[split] = .split(split + 1, out.count)
    }
    for exit in exits { out[exit] = .jump(out.count) }
  }
}

/// A set of characters: ranges, perhaps all others.
struct CharacterSet {
  var ranges: [ClosedRange<UInt32>] = []
  var isNegated: Bool = false
  var ignoresCase: Bool = false

  static let digit = CharacterSet(ranges: [48...57])
  static let space = CharacterSet(ranges: [9...10, 12...13, 32...32])
  static let word = CharacterSet(ranges: [48...57, 65...90, 95...95, 97...122])

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    var isInside = covers(scalar.value)
    if ignoresCase && !isInside {
      let properties = scalar.properties
      for other in [properties.lowercaseMapping, properties.uppercaseMapping] {
        let scalars = other.unicodeScalars
        if scalars.count == 1, let first = scalars.first { isInside = isInside || covers(first.value) }
      }
    }
    return isInside != isNegated
  }

  private func covers(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }

  /// The ranges that this set holds, with its negation worked out.
  var plainRanges: [ClosedRange<UInt32>] {
    guard isNegated else { return ranges }
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
  }
}
