import IR

let onnxTreeOperators: [ONNXOperator] = [
  ONNXOperator("TreeEnsembleRegressor", inputs: 1, domain: ONNXOperator.learning, importRegressor),
  ONNXOperator(
    "TreeEnsembleClassifier", inputs: 1, domain: ONNXOperator.learning, importClassifier),
]

// MARK: Versions 1 and 3

/// A node's number within its tree.
private struct NodeKey: Hashable {
  let tree: Int
  let node: Int
}

extension AttributeReader {
  /// A list of floats, or a tensor of them under the same name with `_as_tensor`.
  fileprivate func reals(_ name: String) throws -> (values: [Double], isDouble: Bool)? {
    if let tensor = try tensor(name + "_as_tensor") {
      return (tensor.doubles(), tensor.element == .f64)
    }
    return try floats(name).map { (list: [Float]) in (list.map { Double($0) }, false) }
  }
}

/// Reads the `nodes_*` attributes and the votes under `prefix` (`class` or `target`).
private func readTrees(_ node: SourceNodeReader, _ prefix: String) throws -> TreeTables {
  let attributes = node.attributes
  func list(_ name: String) throws -> [Int] { try attributes.ints(name) ?? [] }
  let (trees, ids) = (try list("nodes_treeids"), try list("nodes_nodeids"))
  let (features, modes) = (
    try list("nodes_featureids"), try attributes.strings("nodes_modes") ?? []
  )
  let (yes, no) = (try list("nodes_truenodeids"), try list("nodes_falsenodeids"))
  let values = try attributes.reals("nodes_values") ?? ([], false)
  let missing = try list("nodes_missing_value_tracks_true")
  _ = try attributes.reals("nodes_hitrates")
  let count = trees.count
  guard count > 0, [ids, features, yes, no].allSatisfy({ $0.count == count }),
    modes.count == count, values.values.count == count,
    missing.isEmpty || missing.count == count
  else { throw node.invalid("its nodes_* lists differ in length") }
  let keys = (0..<count).map { NodeKey(tree: trees[$0], node: ids[$0]) }
  var places: [NodeKey: Int] = [:]
  for (place, key) in keys.enumerated() {
    guard places.updateValue(place, forKey: key) == nil else {
      throw node.invalid("tree \(key.tree) has two nodes \(key.node)")
    }
  }
  let votes = try readVotes(node, prefix)
  var tables = TreeTables()
  tables.isDouble = values.isDouble || votes.isDouble
  var reached: Set<Int> = []
  for place in 0..<count {
    guard let test = tests[modes[place]] else {
      throw node.invalid("nodes_modes '\(modes[place])' is not known")
    }
    if test == .leaf {
      tables.addLeaf(votes.byNode[keys[place]] ?? [])
      continue
    }
    guard let first = places[NodeKey(tree: trees[place], node: yes[place])],
      let second = places[NodeKey(tree: trees[place], node: no[place])]
    else { throw node.invalid("node \(ids[place]) of tree \(trees[place]) leads nowhere") }
    reached.formUnion([first, second])
    tables.add(
      feature: features[place], yes: first, no: second, test: test,
      takesNaN: !missing.isEmpty && missing[place] != 0, threshold: values.values[place])
  }
  // The root of a tree is the node that none of its nodes leads to.
  var rooted: Set<Int> = []
  for place in 0..<count where !reached.contains(place) && rooted.insert(trees[place]).inserted {
    tables.roots.append(place)
  }
  guard rooted == Set(trees) else { throw node.invalid("one of its trees has no root") }
  return tables
}

private let tests: [String: TreeEnsemble.Test] = [
  "BRANCH_LEQ": .lessOrEqual, "BRANCH_LT": .less, "BRANCH_GTE": .greaterOrEqual,
  "BRANCH_GT": .greater, "BRANCH_EQ": .equal, "BRANCH_NEQ": .notEqual, "LEAF": .leaf,
]

private func readVotes(
  _ node: SourceNodeReader, _ prefix: String
) throws -> (byNode: [NodeKey: [(target: Int, weight: Double)]], isDouble: Bool) {
  let attributes = node.attributes
  let trees = try attributes.ints(prefix + "_treeids") ?? []
  let ids = try attributes.ints(prefix + "_nodeids") ?? []
  let targets = try attributes.ints(prefix + "_ids") ?? []
  let weights = try attributes.reals(prefix + "_weights") ?? ([], false)
  guard [ids, targets].allSatisfy({ $0.count == trees.count }), weights.values.count == trees.count
  else { throw node.invalid("its \(prefix)_* lists differ in length") }
  var byNode: [NodeKey: [(target: Int, weight: Double)]] = [:]
  for index in trees.indices {
    byNode[NodeKey(tree: trees[index], node: ids[index]), default: []]
      .append((targets[index], weights.values[index]))
  }
  return (byNode, weights.isDouble)
}

/// Scores with one value more per column.
private func shifted(
  _ node: SourceNodeReader, _ e: Expression, _ scores: Value, _ base: [Double], _ count: Int
) throws -> Value {
  guard !base.isEmpty else { return scores }
  guard base.count == count else {
    throw node.unsupported(
      "\(base.count) base values for \(count) targets",
      help: ["give one base value per target, or none"])
  }
  let row = Tensor.from(doubles: base, e.element, [1, count])
  return try e.add(scores, e.graph.constant(row))
}

@Sendable private func importRegressor(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let tables = try readTrees(node, "target")
  let count = try node.attributes.int("n_targets", default: 1)
  let aggregates: [String: TreeEnsemble.Aggregate] = [
    "SUM": .sum, "AVERAGE": .mean, "MIN": .minimum, "MAX": .maximum,
  ]
  let name = try node.attributes.string("aggregate_function") ?? "SUM"
  guard let aggregate = aggregates[name] else {
    throw node.invalid("aggregate_function '\(name)' is not known")
  }
  let x = try treeFeatures(node, graph)
  let scores = try tables.emit(node, graph, x, targets: count, aggregate)
  let e = Expression(graph, graph.type(x).element)
  let base = try node.attributes.reals("base_values")?.values ?? []
  let result = try PostTransform(node).apply(e, try shifted(node, e, scores, base, count))
  return [try graph.emit(Cast(to: .f32), [result])]
}

@Sendable private func importClassifier(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let tables = try readTrees(node, "class")
  let labels = try ClassLabels(node, ("classlabels_int64s", "classlabels_strings"))
  let transform = try PostTransform(node)
  let base = try node.attributes.reals("base_values")?.values ?? []
  let x = try treeFeatures(node, graph)
  let e = Expression(graph, graph.type(x).element)
  let votes = try tables.emit(node, graph, x, targets: labels.count, .sum)
  let voted = Set(tables.targets)
  let results: [Value]
  if labels.count <= 2 && voted.count <= 1 {
    let form = BinaryScores(
      node, e, transform, isPositive: tables.weights.allSatisfy { $0 >= 0 })
    results = try form.run(votes, labels, votedFor: voted.first ?? 0, base)
  } else {
    let scores = try shifted(node, e, votes, base, labels.count)
    // A class that no leaf votes for is never chosen.
    let candidates = base.isEmpty ? voted.sorted() : Array(0..<labels.count)
    let list = graph.constant(Tensor(integers: candidates))
    let best = try graph.largest(try graph.emit(Gather(axis: 1), [scores, list]))
    let index = try graph.emit(Gather(axis: 0), [list, best])
    results = [try labels.chosen(graph, index), try transform.apply(e, scores)]
  }
  return [results[0], try graph.emit(Cast(to: .f32), [results[1]])]
}

/// One score for two classes: a probability where all weights are positive, a margin otherwise.
///
/// ONNX leaves open what becomes of the other class's score; this is ONNX Runtime's answer
/// (`core/providers/cpu/ml/tree_ensemble_aggregator.h`).
private struct BinaryScores {
  let node: SourceNodeReader
  let e: Expression
  let transform: PostTransform
  let isPositive: Bool

  init(
    _ node: SourceNodeReader, _ e: Expression, _ transform: PostTransform, isPositive: Bool
  ) {
    self.node = node
    self.e = e
    self.transform = transform
    self.isPositive = isPositive
  }

  /// Labels and scores.
  func run(
    _ votes: Value, _ labels: ClassLabels, votedFor target: Int, _ base: [Double]
  ) throws -> [Value] {
    let graph = e.graph
    let column = try graph.slice(
      votes, Slice(start: [0, target], size: [graph.shape(votes)[0], 1]), node)
    let score = try shifted(node, e, column, base, 1)
    let bound: Double = isPositive && labels.count == 2 ? 0.5 : 0
    let isSecond = try graph.reshape(
      try e.binary(Less(), e.number(bound), score), [graph.shape(votes)[0]])
    let label = try labels.chosen(graph, isSecond: isSecond)
    if labels.count == 1 {
      return [label, transform == .probit ? try transform.apply(e, score) : score]
    }
    if target == 1 {
      guard base.isEmpty else {
        throw node.unsupported(
          "a base value where all votes are for the second class",
          help: ["let the leaves vote for class 0, or add the base value to a tree"])
      }
      return [label, try transform.apply(e, votes)]
    }
    return [label, try pair(score)]
  }

  private func pair(_ score: Value) throws -> Value {
    let other: Value
    switch transform {
    case .probit: throw node.unsupported("PROBIT of a single score is not defined for two classes")
    case .logistic:
      let both = try [try e.negated(score), score].map { try e.unary(Sigmoid(), $0) }
      return try e.graph.emit(Concat(axis: 1), both)
    case .none, .softmax, .softmaxZero:
      other = isPositive ? try e.subtract(e.number(1), score) : try e.negated(score)
    }
    return try e.graph.emit(Concat(axis: 1), [other, score])
  }
}
