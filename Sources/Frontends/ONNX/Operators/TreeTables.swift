import IR

/// The tables of a `TreeEnsemble` while they are filled.
struct TreeTables {
  var roots: [Int] = []
  /// Five columns each, as the core operation describes them.
  var nodes: [Int] = []
  var thresholds: [Double] = []
  var targets: [Int] = []
  var weights: [Double] = []
  /// Thresholds and weights come in double precision.
  var isDouble = false

  var nodeCount: Int { thresholds.count }

  mutating func add(
    feature: Int, yes: Int, no: Int, test: TreeEnsemble.Test, takesNaN: Bool, threshold: Double
  ) {
    nodes += [feature, yes, no, test.rawValue, takesNaN ? 1 : 0]
    thresholds.append(threshold)
  }

  /// A leaf with the given votes.
  mutating func addLeaf(_ votes: [(target: Int, weight: Double)]) {
    let first = targets.count
    targets += votes.map(\.target)
    weights += votes.map(\.weight)
    add(feature: 0, yes: first, no: targets.count, test: .leaf, takesNaN: false, threshold: 0)
  }

  func emit(
    _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, targets count: Int,
    _ aggregate: TreeEnsemble.Aggregate
  ) throws -> Value {
    let limit = Int(Int32.max)
    guard nodes.allSatisfy({ (0...limit).contains($0) }), count >= 1, count <= 1 << 24,
      targets.allSatisfy({ (0..<count).contains($0) })
    else { throw node.invalid("a node, feature or target number is out of range") }
    var operation = TreeEnsemble()
    operation.targets = count
    operation.aggregate = aggregate
    let real: ElementType = isDouble ? .f64 : .f32
    func list(_ values: [Int], _ shape: Shape) -> Value {
      graph.constant(Tensor.from(integers: values, .i32, shape))
    }
    func list(_ values: [Double]) -> Value {
      graph.constant(Tensor.from(doubles: values, real, [values.count]))
    }
    return try graph.emit(
      operation,
      [
        x, list(roots, [roots.count]), list(nodes, [nodeCount, 5]), list(thresholds),
        list(targets, [targets.count]), list(weights),
      ])
  }
}

/// The operand of trees: doubles stay doubles, everything else becomes float32.
func treeFeatures(_ node: SourceNodeReader, _ graph: GraphBuilder) throws -> Value {
  let isDouble = graph.type(try node.input(0)).element == .f64
  return try graph.features(node, isDouble ? .f64 : .f32)
}
