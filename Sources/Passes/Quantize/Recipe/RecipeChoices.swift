import IR

/// What a recipe says of each operation and value of one graph.
struct RecipeChoices: Sendable {
  /// How the range of a value is chosen, where a rule says so.
  struct Range: Sendable {
    var method: RangeMethod?
    var percentile: Double?
    var fixed: ClosedRange<Float>?
  }

  private let standard: Precision
  private var precisions: [OperationID: Precision] = [:]
  /// Values that rules want stored in 8 or 16 bits.
  private(set) var stored: [Value: Precision] = [:]
  private(set) var ranges: [Value: Range] = [:]
  /// Rules that say nothing of this model.
  private(set) var warnings: [Diagnostic] = []

  func precision(of id: OperationID) -> Precision { precisions[id] ?? standard }

  init(_ recipe: Recipe, _ graph: Graph) {
    standard = recipe.precision
    let operations = graph.allOperations()
    let layers = operations.filter { RecipeChoices.isLayer($0, graph) }
    if let output = recipe.output {
      for value in graph.results { stored[value] = output }
    }
    for rule in recipe.rules {
      if case .value(let pattern) = rule.selector {
        let values = RecipeChoices.values(graph, operations, NamePattern(pattern))
        if values.isEmpty { warnings.append(RecipeChoices.unused(rule, graph, operations)) }
        for value in values { apply(rule, to: value) }
        continue
      }
      let matched = RecipeChoices.operations(rule.selector, graph, operations, layers)
      if matched.isEmpty { warnings.append(RecipeChoices.unused(rule, graph, operations)) }
      for id in matched {
        if let precision = rule.precision { precisions[id] = precision }
        for value in graph[id].results { applyRange(rule, to: value) }
      }
    }
  }

  private mutating func apply(_ rule: Recipe.Rule, to value: Value) {
    if let precision = rule.precision { stored[value] = precision }
    applyRange(rule, to: value)
  }

  private mutating func applyRange(_ rule: Recipe.Rule, to value: Value) {
    guard rule.ranges != nil || rule.percentile != nil || rule.range != nil else { return }
    var range = ranges[value] ?? Range()
    if rule.percentile != nil { range.method = .percentile }
    range.method = rule.ranges ?? range.method
    range.percentile = rule.percentile ?? range.percentile
    range.fixed = rule.range ?? range.fixed
    ranges[value] = range
  }

  /// A product with constant weights.
  static func isLayer(_ id: OperationID, _ graph: Graph) -> Bool {
    let node = graph[id]
    guard node.operation is any LayerWithEpilogue, node.operands.count > 1 else { return false }
    return graph.constant(node.operands[1]) != nil
  }

  private static func operations(
    _ selector: Recipe.Selector, _ graph: Graph, _ all: [OperationID], _ layers: [OperationID]
  ) -> [OperationID] {
    switch selector {
    case .first: return layers.first.map { [$0] } ?? []
    case .last: return layers.last.map { [$0] } ?? []
    case .kind(let mnemonic):
      return all.filter { type(of: graph[$0].operation).mnemonic == mnemonic }
    case .node(let text):
      let pattern = NamePattern(text)
      return all.filter { id in
        graph[id].location.nodes.contains { pattern.matches($0.name) }
      }
    case .value: return []
    }
  }

  private static func values(
    _ graph: Graph, _ operations: [OperationID], _ pattern: NamePattern
  ) -> [Value] {
    let results = zip(graph.resultNames, graph.results).filter { pattern.matches($0.0) }.map(\.1)
    let all = graph.arguments + operations.flatMap { graph[$0].results }
    let named = all.filter { graph.name(of: $0).map { pattern.matches($0) } ?? false }
    return named + results.filter { !named.contains($0) }
  }

  private static func unused(
    _ rule: Recipe.Rule, _ graph: Graph, _ operations: [OperationID]
  ) -> Diagnostic {
    var known: [String] = []
    var written = ""
    switch rule.selector {
    case .kind(let mnemonic):
      (written, known) = (mnemonic, operations.map { type(of: graph[$0].operation).mnemonic })
    case .node(let pattern):
      (written, known) = (pattern, operations.flatMap { graph[$0].location.nodes.map(\.name) })
    case .value(let pattern):
      known = graph.arguments.compactMap { graph.name(of: $0) } + graph.resultNames
      written = pattern
    case .first, .last: break
    }
    let nearest = nearestName(to: written, in: Array(Set(known)).sorted())
    return .warning(
      "recipe: the rule for '\(rule.selector.text)' matches nothing in the model",
      help: nearest.map { ["did you mean '\($0)'?"] } ?? [])
  }
}
