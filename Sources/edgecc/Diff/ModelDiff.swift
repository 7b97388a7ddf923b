import IR

/// What differs between two models, operation by operation.
struct ModelDiff {
  /// An operation that only one model has.
  struct Lone: Sendable {
    let node: String
    let mnemonic: String
    let type: String
  }

  /// A property of an operation that both have.
  struct Change: Sendable {
    let node: String
    let mnemonic: String
    /// `stride`, `type of result 0`, `operand 1`.
    let property: String
    let before: String
    let after: String
  }

  /// How a result's integers stand for numbers.
  struct Drift: Sendable {
    let node: String
    /// nil where the numbers are floats.
    let before: Quantization?
    let after: Quantization?

    /// The largest ratio between scales, as a change; nil where one side is float.
    var scaleChange: Double? {
      guard let before, let after else { return nil }
      guard before.scales.count == after.scales.count else { return .infinity }
      return zip(before.scales, after.scales).map { old, new in
        Double(((new - old) / old).magnitude)
      }.max()
    }
  }

  private let a: DiffGraph
  private let b: DiffGraph
  private let matcher: NodeMatcher
  private(set) var removed: [Lone] = []
  private(set) var added: [Lone] = []
  private(set) var changes: [Change] = []
  private(set) var weights: [WeightChange] = []
  private(set) var drifts: [Drift] = []
  /// Differences of inputs, outputs and states.
  private(set) var interface: [Change] = []
  /// Names of operations that differ, which is no difference of the models.
  private(set) var renamed: [(before: String, after: String)] = []
  private(set) var matchedCount: Int = 0

  /// The relative change of a weight up to which it counts as the same.
  private let tolerance: Double

  init(_ before: Module, _ after: Module, tolerance: Double = 0) {
    self.tolerance = tolerance
    a = DiffGraph(before.main)
    b = DiffGraph(after.main)
    matcher = NodeMatcher(a, b)
    for (i, partner) in matcher.partnerOfA.enumerated() {
      if let partner {
        matchedCount += 1
        compare(i, partner)
      } else {
        removed.append(ModelDiff.lone(a, i))
      }
    }
    for (j, partner) in matcher.partnerOfB.enumerated() where partner == nil {
      added.append(ModelDiff.lone(b, j))
    }
    compareInterfaces(before.main, after.main)
    compareOutputs()
  }

  /// Whether the models compute the same by what they are made of.
  var isSame: Bool {
    removed.isEmpty && added.isEmpty && changes.isEmpty && weights.isEmpty && drifts.isEmpty
      && interface.isEmpty
  }

  private static func lone(_ graph: DiffGraph, _ index: Int) -> Lone {
    let types = graph.node(index).results.map { "\(graph.graph[$0])" }
    return Lone(
      node: graph.title(index), mnemonic: graph.items[index].mnemonic,
      type: types.joined(separator: ", "))
  }

  // MARK: Operations

  private mutating func compare(_ i: Int, _ j: Int) {
    let (old, new) = (a.title(i), b.title(j))
    if old != new { renamed.append((old, new)) }
    compareAttributes(i, j)
    for index in 0..<max(a.node(i).results.count, b.node(j).results.count) {
      compareResult(index, i, j)
    }
    let (mine, theirs) = (a.items[i].sources, b.items[j].sources)
    if mine.count != theirs.count {
      note(i, "operands", "\(mine.count)", "\(theirs.count)")
    }
    var pairs = Array(zip(mine, theirs))
    if a.items[i].isCommutative, pairs.count == 2, !isSame(mine[0], theirs[0]),
      isSame(mine[0], theirs[1]), isSame(mine[1], theirs[0])
    {
      pairs = [(mine[0], theirs[1]), (mine[1], theirs[0])]
    }
    for (place, pair) in pairs.enumerated() { compareOperand(place, pair, i, j) }
    compareRegions(i, j)
  }

  /// What the regions of an operation yield.
  private mutating func compareRegions(_ i: Int, _ j: Int) {
    for (region, pair) in zip(a.node(i).regions, b.node(j).regions).enumerated() {
      let (mine, theirs) = (a.graph.results(of: pair.0), b.graph.results(of: pair.1))
      for (place, values) in zip(mine, theirs).enumerated() {
        let (x, y) = (a.source(of: values.0), b.source(of: values.1))
        if case .constant(let p) = x, case .constant(let q) = y,
          a.graph.constant(p) == b.graph.constant(q)
        {
          continue
        }
        if isSame(x, y) { continue }
        note(i, "result \(place) of region \(region)", text(x, a), text(y, b))
      }
    }
  }

  private mutating func note(_ i: Int, _ property: String, _ before: String, _ after: String) {
    changes.append(
      Change(
        node: a.title(i), mnemonic: a.items[i].mnemonic, property: property, before: before,
        after: after))
  }

  private mutating func compareAttributes(_ i: Int, _ j: Int) {
    let (old, new) = (a.node(i).operation, b.node(j).operation)
    func values(_ operation: any IR.Operation) -> [String: Attribute] {
      Dictionary(operation.attributes.map { ($0.name, $0.value) }) { first, _ in first }
    }
    let (mine, theirs) = (values(old), values(new))
    for field in type(of: old).fieldDescriptions {
      let usual = field.defaultValue
      let (x, y) = (mine[field.name] ?? usual, theirs[field.name] ?? usual)
      let ranks = (rank(a, i), rank(b, j))
      guard
        ModelDiff.normal(x, field.name, ranks.0) != ModelDiff.normal(y, field.name, ranks.1)
      else { continue }
      note(i, field.name, x.text, y.text)
    }
  }

  private func rank(_ graph: DiffGraph, _ index: Int) -> Int {
    graph.node(index).operands.first.map { graph.graph[$0].rank } ?? 0
  }

  /// One way to write what can be written in several: axes counted from the front, steps of one left
  /// out.
  private static func normal(_ value: Attribute, _ name: String, _ rank: Int) -> Attribute {
    switch (name, value) {
    case ("axis", .int(let axis)): return .int(axis < 0 ? axis + rank : axis)
    case ("axes", .ints(let axes)): return .ints(axes.map { $0 < 0 ? $0 + rank : $0 })
    case ("stride", .ints(let steps)), ("dilation", .ints(let steps)):
      return steps.allSatisfy { $0 == 1 } ? .empty : value
    default: return value
    }
  }

  private mutating func compareResult(_ index: Int, _ i: Int, _ j: Int) {
    let (mine, theirs) = (a.node(i).results, b.node(j).results)
    guard index < mine.count, index < theirs.count else {
      if index == min(mine.count, theirs.count) {
        note(i, "results", "\(mine.count)", "\(theirs.count)")
      }
      return
    }
    let (old, new) = (a.graph[mine[index]], b.graph[theirs[index]])
    guard old != new else { return }
    let suffix = mine.count > 1 ? " \(index)" : ""
    if old.shape != new.shape {
      note(i, "shape\(suffix)", "[\(old.shape)]", "[\(new.shape)]")
    }
    if old.element != new.element {
      note(i, "element\(suffix)", old.element.rawValue, new.element.rawValue)
    }
    if old.quantization != new.quantization {
      drifts.append(
        Drift(node: a.title(i) + suffix, before: old.quantization, after: new.quantization))
    }
  }

  private mutating func compareOperand(
    _ place: Int, _ pair: (DiffGraph.Source, DiffGraph.Source), _ i: Int, _ j: Int
  ) {
    if case .constant(let x) = pair.0, case .constant(let y) = pair.1 {
      guard let old = a.graph.constant(x), let new = b.graph.constant(y) else { return }
      let scales = (
        before: BiasScale(a.graph, a.node(i), operand: place),
        after: BiasScale(b.graph, b.node(j), operand: place)
      )
      let name = a.graph.name(of: x) ?? b.graph.name(of: y) ?? ""
      if let change = WeightChange(
        node: a.title(i), operand: place, name: name, old, new, scales: scales)
      {
        let isSmall = old.type == new.type && (change.relative ?? .infinity) <= tolerance
        if !isSmall { weights.append(change) }
      }
      return
    }
    guard !isSame(pair.0, pair.1) else { return }
    note(i, "operand \(place)", text(pair.0, a), text(pair.1, b))
  }

  /// Whether an operand comes from the same place, or from a place that is told of anyhow: an
  /// operation that only one model has.
  private func isSame(_ x: DiffGraph.Source, _ y: DiffGraph.Source) -> Bool {
    switch (x, y) {
    case (.result(let p, let first), .result(let q, let second)):
      if matcher.partnerOfA[p] == nil || matcher.partnerOfB[q] == nil { return true }
      return matcher.partnerOfA[p] == q && first == second
    case (.result(let p, _), _): return matcher.partnerOfA[p] == nil
    case (_, .result(let q, _)): return matcher.partnerOfB[q] == nil
    default: return x == y
    }
  }

  private func text(_ source: DiffGraph.Source, _ graph: DiffGraph) -> String {
    switch source {
    case .argument(let index):
      return graph.graph.name(of: graph.graph.arguments[index]) ?? "input \(index)"
    case .inner(let index): return "argument \(index) of the region"
    case .constant(let value): return graph.graph.name(of: value).map { "@\($0)" } ?? "a constant"
    case .result(let operation, let index):
      return graph.title(operation) + (index > 0 ? " (\(index))" : "")
    }
  }

  // MARK: Interface

  private mutating func compareInterfaces(_ before: Function, _ after: Function) {
    compare("input", before.inputs, after.inputs)
    compare("output", before.outputs, after.outputs)
    compare("state", before.states, after.states)
    let initial = zip(before.graph.initialStates, after.graph.initialStates).enumerated()
    for (index, pair) in initial {
      guard let old = before.graph.constant(pair.0), let new = after.graph.constant(pair.1),
        let change = WeightChange(
          node: "state \(index)", operand: 0, name: "initial value", old, new,
          scales: (before: nil, after: nil))
      else { continue }
      weights.append(change)
    }
  }

  private mutating func compare(
    _ kind: String, _ before: [(name: String, type: TensorType)],
    _ after: [(name: String, type: TensorType)]
  ) {
    for index in 0..<max(before.count, after.count) {
      func text(_ ports: [(name: String, type: TensorType)]) -> String {
        index < ports.count ? "\(ports[index].name): \(ports[index].type)" : "none"
      }
      guard text(before) != text(after) else { continue }
      interface.append(
        Change(
          node: "\(kind) \(index)", mnemonic: "", property: kind, before: text(before),
          after: text(after)))
    }
  }

  /// Outputs that come from another operation than before.
  private mutating func compareOutputs() {
    let (mine, theirs) = (outputs(a), outputs(b))
    for (index, pair) in zip(mine, theirs).enumerated() where !isSame(pair.0, pair.1) {
      if case .constant(let x) = pair.0, case .constant(let y) = pair.1,
        a.graph.constant(x) == b.graph.constant(y)
      {
        continue
      }
      interface.append(
        Change(
          node: "output \(index)", mnemonic: "", property: "made by", before: text(pair.0, a),
          after: text(pair.1, b)))
    }
  }

  private func outputs(_ graph: DiffGraph) -> [DiffGraph.Source] {
    graph.graph.results.map { graph.source(of: $0) }
  }
}
