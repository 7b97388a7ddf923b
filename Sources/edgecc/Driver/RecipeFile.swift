import IR
import Passes
import Yams

private typealias Node = Yams.Node

/// A recipe as a file that people write:
///
/// ```yaml
/// precision: int8          # of what no rule speaks of
/// output: int16            # how results are stored
/// rules:                   # the last one that matches holds
///   - kind: add            # or node: "head*", value: "image", layer: first, layer: last
///     precision: int16
///   - value: image
///     range: [-1, 1]       # or ranges: percentile with percentile: 99.9
/// ```
enum RecipeFile {
  /// - Throws: `Diagnostics` for all that is wrong, each with its line.
  static func read(_ path: String) throws -> Recipe {
    let text = String(decoding: try FileTree.read(path), as: UTF8.self)
    return try parse(text, file: path)
  }

  /// `recipe` as it would be read; nil stands for a model that is left in float.
  static func text(_ recipe: Recipe?) -> String {
    let recipe = recipe ?? Recipe(.float32)
    var text = "precision: \(recipe.precision.rawValue)\n"
    if let output = recipe.output { text += "output: \(output.rawValue)\n" }
    if !recipe.rules.isEmpty { text += "rules:\n" }
    for rule in recipe.rules {
      text += "  - \(selector(rule.selector))\n"
      if let precision = rule.precision { text += "    precision: \(precision.rawValue)\n" }
      if let ranges = rule.ranges { text += "    ranges: \(ranges.rawValue)\n" }
      if let percentile = rule.percentile { text += "    percentile: \(percentile)\n" }
      if let range = rule.range {
        text += "    range: [\(range.lowerBound), \(range.upperBound)]\n"
      }
    }
    return text
  }

  private static func selector(_ selector: Recipe.Selector) -> String {
    switch selector {
    case .node(let pattern): "node: \(YAMLText.quoted(pattern))"
    case .kind(let mnemonic): "kind: \(mnemonic)"
    case .value(let pattern): "value: \(YAMLText.quoted(pattern))"
    case .first: "layer: first"
    case .last: "layer: last"
    }
  }

  /// - Parameter file: for diagnostics.
  static func parse(_ text: String, file: String) throws -> Recipe {
    var reader = RecipeReader(file: file)
    let recipe = reader.recipe(try YAMLText.compose(text, file: file))
    if !reader.findings.isEmpty { throw Diagnostics(reader.byLine) }
    let found = recipe.findings().map { $0.inFile(file) }
    if !found.isEmpty { throw Diagnostics(found) }
    return recipe
  }
}

/// Reads the nodes of a recipe's file, and keeps what it finds wrong.
private struct RecipeReader {
  let file: String
  private(set) var findings: [Diagnostic] = []

  /// What was found, from the file's top to its end.
  var byLine: [Diagnostic] {
    func line(_ diagnostic: Diagnostic) -> Int { diagnostic.place.flatMap { Int($0) } ?? 0 }
    return findings.enumerated()
      .sorted { (line($0.element), $0.offset) < (line($1.element), $1.offset) }.map(\.element)
  }

  mutating func recipe(_ root: Node?) -> Recipe {
    var recipe = Recipe()
    guard let root else { return recipe }
    for (key, value) in entries(of: root, known: ["precision", "output", "rules"]) {
      switch key {
      case "precision": recipe.precision = precision(value) ?? .int8
      case "output": recipe.output = precision(value)
      default: recipe.rules = rules(value)
      }
    }
    return recipe
  }

  private mutating func rules(_ node: Node) -> [Recipe.Rule] {
    guard let list = node.sequence else {
      wrong(node, "'rules' is a list", help: ["begin each rule with '- '"])
      return []
    }
    return list.compactMap { rule($0) }
  }

  private static let selectors: [String] = ["node", "kind", "value", "layer"]
  private static let settings: [String] = ["precision", "ranges", "percentile", "range"]

  private mutating func rule(_ node: Node) -> Recipe.Rule? {
    let found = entries(of: node, known: RecipeReader.selectors + RecipeReader.settings)
    let matching = found.filter { RecipeReader.selectors.contains($0.key) }
    guard matching.count == 1, let selector = selector(matching[0].key, matching[0].value) else {
      if matching.count != 1 {
        wrong(node, "a rule has one of: \(RecipeReader.selectors.joined(separator: ", "))")
      }
      return nil
    }
    var rule = Recipe.Rule(selector)
    for (key, value) in found where RecipeReader.settings.contains(key) {
      set(key, value, &rule)
    }
    return rule
  }

  private mutating func selector(_ key: String, _ node: Node) -> Recipe.Selector? {
    guard let text = node.scalar?.string, !text.isEmpty else {
      wrong(node, "'\(key)' is a name")
      return nil
    }
    switch (key, text) {
    case ("node", _): return .node(text)
    case ("kind", _): return .kind(text)
    case ("value", _): return .value(text)
    case (_, "first"): return .first
    case (_, "last"): return .last
    default:
      wrong(node, "'layer' is first or last, not '\(text)'")
      return nil
    }
  }

  private mutating func set(_ key: String, _ node: Node, _ rule: inout Recipe.Rule) {
    switch key {
    case "precision": rule.precision = precision(node)
    case "ranges":
      let known = RangeMethod.allCases.map(\.rawValue)
      rule.ranges = node.scalar.flatMap { RangeMethod(rawValue: $0.string) }
      if rule.ranges == nil {
        wrong(node, "'ranges' is one of: \(known.joined(separator: ", "))")
      }
    case "percentile":
      rule.percentile = node.scalar.flatMap { Double($0.string) }
      if rule.percentile == nil { wrong(node, "'percentile' is a number") }
    default:
      let ends = node.sequence.map { $0.compactMap { $0.scalar.flatMap { Float($0.string) } } } ?? []
      guard ends.count == 2, node.sequence?.count == 2, ends.allSatisfy(\.isFinite),
        ends[0] < ends[1]
      else { return wrong(node, "'range' is two numbers, the smaller first: [-1, 1]") }
      rule.range = ends[0]...ends[1]
    }
  }

  private mutating func precision(_ node: Node) -> Precision? {
    let name = node.scalar?.string ?? ""
    do {
      return try Recipe.precision(name)
    } catch let error as Diagnostic {
      findings.append(error.placed(at: node, in: file))
    } catch {
      wrong(node, "\(error)")
    }
    return nil
  }

  /// The entries of a mapping by their keys, those that are known.
  private mutating func entries(of node: Node, known: [String]) -> [(key: String, value: Node)] {
    guard let mapping = node.mapping else {
      wrong(node, "expected entries such as 'precision: int8'")
      return []
    }
    var result: [(key: String, value: Node)] = []
    for (key, value) in mapping {
      let name = key.scalar?.string ?? ""
      guard known.contains(name) else {
        let nearest = nearestName(to: name, in: known).map { "did you mean '\($0)'?" }
        wrong(
          key, "there is no '\(name)' here",
          help: [nearest ?? "there are: \(known.joined(separator: ", "))"])
        continue
      }
      result.append((name, value))
    }
    return result
  }

  private mutating func wrong(_ node: Node, _ message: String, help: [String] = []) {
    findings.append(.error("recipe: \(message)", help: help).placed(at: node, in: file))
  }
}
