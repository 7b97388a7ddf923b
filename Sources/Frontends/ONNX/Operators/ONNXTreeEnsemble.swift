import IR

let onnxTreeEnsembleOperators: [ONNXOperator] = [
  ONNXOperator("TreeEnsemble", since: 5, inputs: 1, domain: ONNXOperator.learning, importEnsemble)
]

@Sendable private func importEnsemble(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let aggregates: [TreeEnsemble.Aggregate] = [.mean, .sum, .minimum, .maximum]
  let aggregate = try attributes.int("aggregate_function", default: 1)
  let post = try attributes.int("post_transform", default: 0)
  guard aggregates.indices.contains(aggregate), let transform = PostTransform(number: post) else {
    throw node.invalid("aggregate_function \(aggregate) or post_transform \(post) is not known")
  }
  let count = try attributes.int("n_targets", default: 1)
  let x = try treeFeatures(node, graph)
  var tables = try EnsembleReader(node).read()
  tables.isDouble = graph.type(x).element == .f64
  let scores = try tables.emit(node, graph, x, targets: count, aggregates[aggregate])
  return [try transform.apply(Expression(graph, graph.type(x).element), scores)]
}

/// Reads version 5's lists: inner nodes and leaves apart, set membership as a list of values.
private struct EnsembleReader {
  private let node: SourceNodeReader
  private let modes: [Int]
  private let features: [Int]
  private let splits: [Double]
  private let next: (yes: [Int], no: [Int])
  private let isLeaf: (yes: [Int], no: [Int])
  private let missing: [Int]
  private let members: [Double]
  private let leafTargets: [Int]
  private let leafWeights: [Double]
  private let roots: [Int]

  init(_ node: SourceNodeReader) throws {
    let attributes = node.attributes
    func list(_ name: String) throws -> [Int] { try attributes.ints(name) ?? [] }
    func reals(_ name: String) throws -> [Double] { try attributes.tensor(name)?.doubles() ?? [] }
    self.node = node
    modes = try attributes.tensor("nodes_modes")?.integers() ?? []
    features = try list("nodes_featureids")
    splits = try reals("nodes_splits")
    next = (try list("nodes_truenodeids"), try list("nodes_falsenodeids"))
    isLeaf = (try list("nodes_trueleafs"), try list("nodes_falseleafs"))
    missing = try list("nodes_missing_value_tracks_true")
    members = try reals("membership_values")
    leafTargets = try list("leaf_targetids")
    leafWeights = try reals("leaf_weights")
    roots = try list("tree_roots")
    _ = try attributes.tensor("nodes_hitrates")
    let count = modes.count
    let lists = [features, next.yes, next.no, isLeaf.yes, isLeaf.no]
    guard count > 0, lists.allSatisfy({ $0.count == count }), splits.count == count,
      missing.isEmpty || missing.count == count, leafTargets.count == leafWeights.count,
      roots.allSatisfy({ (0..<count).contains($0) })
    else { throw node.invalid("its lists differ in length") }
  }

  /// Leaves come first in the table, then the nodes; a set becomes a chain of comparisons.
  func read() throws -> TreeTables {
    var tables = TreeTables()
    for leaf in leafTargets.indices { tables.addLeaf([(leafTargets[leaf], leafWeights[leaf])]) }
    // Where each node's first test stands.
    let sets = try memberSets()
    var starts: [Int] = []
    var place = leafTargets.count
    for index in modes.indices {
      starts.append(place)
      place += max(sets[index]?.count ?? 1, 1)
    }
    func target(_ number: Int, _ leaf: Int) throws -> Int {
      guard (0..<(leaf != 0 ? leafTargets.count : starts.count)).contains(number) else {
        throw node.invalid("a node leads to number \(number), which is not there")
      }
      return leaf != 0 ? number : starts[number]
    }
    for index in modes.indices {
      let yes = try target(next.yes[index], isLeaf.yes[index])
      let no = try target(next.no[index], isLeaf.no[index])
      let takesNaN = !missing.isEmpty && missing[index] != 0
      guard let values = sets[index] else {
        guard let test = TreeEnsemble.Test(rawValue: modes[index]), test != .leaf else {
          throw node.invalid("nodes_modes \(modes[index]) is not known")
        }
        tables.add(
          feature: features[index], yes: yes, no: no, test: test, takesNaN: takesNaN,
          threshold: splits[index])
        continue
      }
      for (number, value) in values.enumerated() {
        let isLast = number + 1 == values.count
        tables.add(
          feature: features[index], yes: yes, no: isLast ? no : starts[index] + number + 1,
          test: .equal, takesNaN: takesNaN, threshold: value)
      }
      if values.isEmpty {
        // Nothing is a member of the empty set.
        tables.add(
          feature: features[index], yes: no, no: no, test: .equal, takesNaN: false, threshold: 0)
      }
    }
    tables.roots = roots.map { starts[$0] }
    return tables
  }

  /// The values of every set, which NaN separates, in the order of the nodes that ask for one.
  private func memberSets() throws -> [Int: [Double]] {
    let nodes = modes.indices.filter { modes[$0] == 6 }
    guard !nodes.isEmpty else { return [:] }
    var lists = members.split(omittingEmptySubsequences: false) { $0.isNaN }.map { Array($0) }
    // A NaN also stands behind the last set.
    if lists.last?.isEmpty == true, lists.count > nodes.count { lists.removeLast() }
    guard lists.count == nodes.count else {
      throw node.invalid("\(lists.count) membership lists for \(nodes.count) nodes")
    }
    return Dictionary(uniqueKeysWithValues: zip(nodes, lists))
  }
}
