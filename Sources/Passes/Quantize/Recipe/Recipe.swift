import IR

/// What precision each operation of a model is given: one for all, and rules for some. Plain data,
/// so that it can be written by hand, by a search, or in the text of a pipeline.
public struct Recipe: Hashable, Sendable {
  /// What no rule speaks of.
  public var precision: Precision
  /// How what the model returns is stored; nil as the operations that make it say.
  public var output: Precision?
  /// In order: of two rules that match one operation and say something of the same thing, the later
  /// one holds.
  public var rules: [Rule]

  public init(_ precision: Precision = .int8, output: Precision? = nil, rules: [Rule] = []) {
    self.precision = precision
    self.output = output
    self.rules = rules
  }

  /// What a rule speaks of.
  public enum Selector: Hashable, Sendable {
    /// Operations that came from a source node whose name fits: `*` and `?` are wildcards.
    case node(String)
    /// Operations by their mnemonic: `fully_connected`.
    case kind(String)
    /// The first, or the last, layer with weights.
    case first, last
    /// Values by name, the function's inputs and outputs among them: `*` and `?` are wildcards.
    case value(String)

    /// The operations of the source node that is named so.
    public static func node(named name: String) -> Selector { .node(NamePattern.exactly(name)) }
  }

  public struct Rule: Hashable, Sendable {
    public var selector: Selector
    /// nil leaves the precision to other rules.
    public var precision: Precision?
    /// How the ranges of the matched operations' results are chosen.
    public var ranges: RangeMethod?
    /// Percent of the values inside the range, for `ranges` percentile.
    public var percentile: Double?
    /// The range itself.
    public var range: ClosedRange<Float>?

    public init(_ selector: Selector, _ precision: Precision? = nil) {
      self.selector = selector
      self.precision = precision
    }

    /// Whether it says nothing.
    var isEmpty: Bool {
      precision == nil && ranges == nil && percentile == nil && range == nil
    }
  }

  /// All precisions that some operation may be given.
  public var precisions: Set<Precision> {
    Set([precision, output].compactMap { $0 } + rules.compactMap(\.precision))
  }

  /// Whether some activations become integers, so that calibration is needed.
  public var isInteger: Bool { precisions.contains { $0.isInteger } }
  /// Whether some weights alone are stored in few bits.
  public var hasWeightOnly: Bool { precisions.contains { $0.isWeightOnly } }

  /// What is wrong with the recipe whatever the model, all of it.
  public func findings() -> [Diagnostic] {
    var found: [Diagnostic] = []
    if let output, !output.isInteger {
      found.append(
        .error("recipe: 'output' is int8 or int16, not '\(output.rawValue)'"))
    }
    for (index, rule) in rules.enumerated() {
      found += findings(rule)
      let earlier = rules[..<index].filter { $0.selector == rule.selector }
      if let other = earlier.last(where: { Recipe.contradict($0, rule) }) {
        found.append(
          .error(
            "recipe: two rules for '\(rule.selector.text)' contradict each other",
            notes: ["one says \(other.settingsText), the other \(rule.settingsText)"],
            help: ["keep one of them"]))
      }
    }
    return found
  }

  private func findings(_ rule: Rule) -> [Diagnostic] {
    let name = rule.selector.text
    if rule.isEmpty {
      return [
        .error(
          "recipe: the rule for '\(name)' says nothing",
          help: ["give it a precision, ranges or a range"])
      ]
    }
    if let percentile = rule.percentile, !(percentile > 0 && percentile <= 100) {
      return [.error("recipe: the rule for '\(name)': a percentile lies between 0 and 100")]
    }
    if rule.percentile != nil, let ranges = rule.ranges, ranges != .percentile {
      return [
        .error(
          "recipe: the rule for '\(name)': a percentile goes with ranges 'percentile', "
            + "not '\(ranges.rawValue)'")
      ]
    }
    if let range = rule.range, range.lowerBound == range.upperBound {
      return [.error("recipe: the rule for '\(name)': the range is empty")]
    }
    if case .value = rule.selector, let precision = rule.precision, !precision.isInteger {
      return [
        .error(
          "recipe: the rule for '\(name)': a value is stored in int8 or int16, "
            + "not '\(precision.rawValue)'",
          help: ["match the operation that makes it"])
      ]
    }
    return []
  }

  private static func contradict(_ a: Rule, _ b: Rule) -> Bool {
    func differ<T: Equatable>(_ x: T?, _ y: T?) -> Bool { x != nil && y != nil && x != y }
    return differ(a.precision, b.precision) || differ(a.ranges, b.ranges)
      || differ(a.percentile, b.percentile) || differ(a.range, b.range)
  }
}
