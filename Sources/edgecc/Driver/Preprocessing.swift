import IR

/// How pictures and sounds become what a model takes, as `--preprocess 'KEY=VALUE …'` says it.
///
/// A pixel or sample x becomes (x · scale − mean) / std.
struct Preprocessing: Sendable, Equatable {
  enum Resize: String, Sendable, CaseIterable {
    /// In proportion until the picture covers what is asked, then the middle of it.
    case crop
    /// To the width and height asked, each by its own factor.
    case stretch
  }
  enum ChannelOrder: String, Sendable, CaseIterable { case rgb, bgr }
  enum Window: String, Sendable, CaseIterable {
    /// What a file starts with.
    case first
    /// One sample after the other, a last one that is not whole left out.
    case all
  }

  var resize: Resize = .crop
  /// What the shorter side becomes before the middle is cut out; nil for as little as covers.
  var shorterSide: Int?
  /// One for all channels, or one for each in the order of the model.
  var mean: [Float] = [0]
  var deviation: [Float] = [1]
  /// nil for 1/255 on pictures (1 where the model takes plain integers), 1 on sounds.
  var scale: Float?
  var order: ChannelOrder = .rgb
  /// The samples per second that sounds must have.
  var sampleRate: Int?
  var window: Window = .first

  init() {}

  /// - Parameter texts: of `KEY=VALUE`, apart by spaces.
  /// - Throws: a `Diagnostic` naming what cannot be understood.
  init(parsing texts: [String]) throws {
    let words = texts.flatMap { $0.split { $0 == " " || $0 == ";" } }
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw Preprocessing.misunderstood(String(word), "KEY=VALUE") }
      try set(parts[0], parts[1])
    }
  }

  private static let keys: [String] = [
    "resize", "short", "mean", "std", "scale", "order", "rate", "window",
  ]

  private mutating func set(_ key: String, _ value: String) throws {
    switch key {
    case "resize": resize = try choice(key, value)
    case "short": shorterSide = try positive(key, value)
    case "mean": mean = try numbers(key, value)
    case "std":
      deviation = try numbers(key, value)
      if deviation.contains(0) { throw Preprocessing.misunderstood("std=\(value)", "no zeros") }
    case "scale": scale = try numbers(key, value)[0]
    case "order": order = try choice(key, value)
    case "rate": sampleRate = try positive(key, value)
    case "window": window = try choice(key, value)
    default:
      let nearest = nearestName(to: key, in: Preprocessing.keys)
      throw Diagnostic.error(
        "--preprocess: there is no '\(key)'",
        help: [
          nearest.map { "did you mean '\($0)'?" }
            ?? "known: \(Preprocessing.keys.joined(separator: ", "))"
        ])
    }
  }

  private func choice<T: RawRepresentable & CaseIterable>(
    _ key: String, _ value: String
  ) throws -> T where T.RawValue == String {
    if let known = T(rawValue: value) { return known }
    let names = T.allCases.map(\.rawValue).joined(separator: " or ")
    throw Preprocessing.misunderstood("\(key)=\(value)", names)
  }

  private func positive(_ key: String, _ value: String) throws -> Int {
    guard let number = Int(value), number > 0 else {
      throw Preprocessing.misunderstood("\(key)=\(value)", "a positive whole number")
    }
    return number
  }

  /// Apart by commas; a fraction may be written as such.
  private func numbers(_ key: String, _ value: String) throws -> [Float] {
    let parts = value.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Preprocessing.number(String($0)) }
    guard numbers.count == parts.count else {
      throw Preprocessing.misunderstood("\(key)=\(value)", "numbers apart by commas")
    }
    return numbers
  }

  private static func number(_ text: String) -> Float? {
    let terms = text.split(separator: "/", omittingEmptySubsequences: false)
    let values = terms.compactMap { Float($0) }.filter(\.isFinite)
    guard values.count == terms.count, values.count <= 2 else { return nil }
    if values.count == 1 { return values[0] }
    return values[1] == 0 ? nil : values[0] / values[1]
  }

  private static func misunderstood(_ word: String, _ wanted: String) -> Diagnostic {
    .error("--preprocess \(word): expected \(wanted)")
  }
}
