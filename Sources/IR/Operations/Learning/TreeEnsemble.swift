/// Decision trees over the columns of a matrix, the votes of the leaves that are reached joined per
/// target.
///
/// Operands: x `[N, F]`; roots `[T]`; nodes `[M, 5]` (feature, next where the test holds, next where
/// it does not, test, whether NaN holds); thresholds `[M]`; targets `[L]` and weights `[L]` of the
/// votes. A leaf's second and third column are the range of its votes. Result: `[N, targets]`.
/// Source: ONNX `Operators-ml.md`, `TreeEnsemble`.
public struct TreeEnsemble: Operation {
  public enum Aggregate: String, Sendable, CaseIterable, AttributeConvertible {
    case sum, mean, minimum, maximum
  }

  /// What a node asks of its feature; the raw value is the fourth column.
  public enum Test: Int, Sendable {
    case lessOrEqual, less, greaterOrEqual, greater, equal, notEqual, leaf
  }

  public static let mnemonic = "tree_ensemble"
  public static let summary = "y[n, t] = the joined votes for t of the leaves that x[n] reaches"
  public static let arity = Arity(6)
  public static let fields: [Field<TreeEnsemble>] = [
    .init("targets", \.targets, "columns of the result"),
    .init("aggregate", \.aggregate, "how votes for one target are joined; 0 without votes"),
  ]
  public var targets: Int = 1
  public var aggregate: Aggregate = .sum

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let (x, roots, nodes) = (operands[0], operands[1], operands[2])
    let (thresholds, chosen, weights) = (operands[3], operands[4], operands[5])
    let rows = nodes.shape.dimensions.first ?? 0
    guard x.rank == 2, x.element == .f32 || x.element == .f64, !x.isQuantized,
      roots.element == .i32, roots.rank == 1, nodes.element == .i32, nodes.rank == 2,
      nodes.shape[1] == 5, thresholds.element.isFloat, thresholds.shape == [rows],
      chosen.element == .i32, chosen.rank == 1, weights.element.isFloat,
      weights.shape == chosen.shape, (1...(1 << 24)).contains(targets)
    else {
      throw OperationError(
        "'tree_ensemble' cannot run trees \(roots), \(nodes), \(thresholds), \(chosen) and "
          + "\(weights) on \(x)")
    }
    return [x.with(shape: [x.shape[0], targets])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes(operands.map(\.type)))[0]
    let trees = try Trees(operands, features: x.shape[1], targets: targets)
    let values = x.doubles()
    let features = x.shape[1]
    var result = [Double](repeating: 0, count: type.shape.count)
    for row in 0..<x.shape[0] {
      var has = [Bool](repeating: false, count: targets)
      for root in trees.roots {
        let votes = try trees.votes(from: root) { values[row * features + $0] }
        for vote in votes {
          let place = row * targets + trees.targets[vote]
          let old = has[trees.targets[vote]] ? result[place] : nil
          result[place] = join(old, trees.weights[vote])
          has[trees.targets[vote]] = true
        }
      }
      guard aggregate == .mean, !trees.roots.isEmpty else { continue }
      for target in 0..<targets { result[row * targets + target] /= Double(trees.roots.count) }
    }
    return [Tensor.from(doubles: result, type.element, type.shape)]
  }

  private func join(_ old: Double?, _ weight: Double) -> Double {
    guard let old else { return weight }
    switch aggregate {
    case .sum, .mean: return old + weight
    case .minimum: return min(old, weight)
    case .maximum: return max(old, weight)
    }
  }
}

/// The operands of a `TreeEnsemble`, checked: every index lies inside its table.
private struct Trees {
  private struct Node {
    let feature: Int
    let next: (yes: Int, no: Int)
    let test: TreeEnsemble.Test
    let takesNaN: Bool
    let threshold: Double
  }

  let roots: [Int]
  let targets: [Int]
  let weights: [Double]
  private let nodes: [Node]

  init(_ operands: [Tensor], features: Int, targets count: Int) throws {
    roots = operands[1].integers()
    let table = operands[2].integers()
    let thresholds = operands[3].doubles()
    targets = operands[4].integers()
    weights = operands[5].doubles()
    var nodes: [Node] = []
    nodes.reserveCapacity(thresholds.count)
    for (index, threshold) in thresholds.enumerated() {
      let row = table[(index * 5)..<(index * 5 + 5)].map { $0 }
      guard let test = TreeEnsemble.Test(rawValue: row[3]) else {
        throw OperationError("'tree_ensemble' has no test \(row[3]), at node \(index)")
      }
      let limit = test == .leaf ? targets.count : thresholds.count - 1
      guard (0...max(limit, 0)).contains(row[1]), (0...max(limit, 0)).contains(row[2]),
        test != .leaf || row[1] <= row[2], test == .leaf || (0..<features).contains(row[0])
      else {
        throw OperationError("'tree_ensemble' leaves its tables or its operand at node \(index)")
      }
      nodes.append(
        Node(
          feature: row[0], next: (row[1], row[2]), test: test, takesNaN: row[4] != 0,
          threshold: threshold))
    }
    guard roots.allSatisfy({ nodes.indices.contains($0) }),
      targets.allSatisfy({ (0..<count).contains($0) })
    else { throw OperationError("'tree_ensemble' has a root or target outside its tables") }
    self.nodes = nodes
  }

  /// The votes of the leaf that is reached from `root`.
  func votes(from root: Int, _ feature: (Int) -> Double) throws -> Range<Int> {
    var place = root
    // A path that visits a node twice never ends.
    for _ in nodes.indices {
      let node = nodes[place]
      if node.test == .leaf { return node.next.yes..<node.next.no }
      place = holds(node, feature(node.feature)) ? node.next.yes : node.next.no
    }
    throw OperationError("'tree_ensemble' goes round in circles from node \(root)")
  }

  private func holds(_ node: Node, _ value: Double) -> Bool {
    if node.takesNaN && value.isNaN { return true }
    switch node.test {
    case .lessOrEqual: return value <= node.threshold
    case .less: return value < node.threshold
    case .greaterOrEqual: return value >= node.threshold
    case .greater: return value > node.threshold
    case .equal: return value == node.threshold
    case .notEqual: return value != node.threshold
    case .leaf: return false
    }
  }
}
