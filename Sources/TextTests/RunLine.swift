import IR

/// `// RUN: PASSES [--target=NAME] [--check-prefix=A[,B…]]`: passes to run over the module, none
/// where only the reading and printing is tested.
struct RunLine: Sendable {
  let pipeline: String
  /// The prefixes of the directives that speak of this run.
  let prefixes: [String]
  /// The target whose constraints passes see.
  let target: TargetOptionsByName?
  let line: Int

  struct TargetOptionsByName: Sendable {
    let name: String
    let options: TargetOptions
  }

  /// - Parameter text: what follows `RUN:`.
  /// - Throws: a `Diagnostic` without a place.
  init(_ text: String, line: Int) throws {
    let words = text.split(separator: " ")
    let options = words.drop { !$0.hasPrefix("--") }
    pipeline = words.prefix { !$0.hasPrefix("--") }.joined(separator: " ")
    self.line = line
    var prefixes: [String] = []
    var target: TargetOptionsByName?
    for option in options {
      let pair = option.split(separator: "=", maxSplits: 1).map { String($0) }
      guard pair.count == 2 else { throw RunLine.unknown(String(option)) }
      switch pair[0] {
      case "--check-prefix", "--check-prefixes":
        prefixes += pair[1].split(separator: ",").map { String($0) }
      case "--target": target = RunLine.target(pair[1])
      default: throw RunLine.unknown(pair[0])
      }
    }
    self.prefixes = prefixes.isEmpty ? [RunLine.defaultPrefix] : prefixes
    self.target = target
  }

  static let defaultPrefix: String = "CHECK"

  private static func unknown(_ option: String) -> Diagnostic {
    .error(
      "a RUN line has no option '\(option)'",
      help: ["it has --check-prefix=A,B and --target=name,key=value"])
  }

  private static func target(_ text: String) -> TargetOptionsByName {
    let parts = text.split(separator: ",").map { String($0) }
    var values: [String: String] = [:]
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1).map { String($0) }
      values[pair[0]] = pair.count == 2 ? pair[1] : "true"
    }
    return TargetOptionsByName(name: parts.first ?? "", options: TargetOptions(values))
  }
}
