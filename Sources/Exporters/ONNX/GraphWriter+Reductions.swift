import IR

extension GraphWriter {
  /// Writes a reduction; false where `node` is none.
  mutating func emitReduction(_ node: Node) throws -> Bool {
    switch node.operation {
    case let op as ReduceMean: reduce(node, "ReduceMean", op.axes, op.keepDimensions)
    case let op as ReduceSum: reduce(node, "ReduceSum", op.axes, op.keepDimensions)
    case let op as ReduceMax: reduce(node, "ReduceMax", op.axes, op.keepDimensions)
    case let op as ReduceMin: reduce(node, "ReduceMin", op.axes, op.keepDimensions)
    case let op as ReduceProduct: reduce(node, "ReduceProd", op.axes, op.keepDimensions)
    case let op as ArgMax: choose(node, "ArgMax", op.axis, op.keepDimension, op.takesLast)
    case let op as ArgMin: choose(node, "ArgMin", op.axis, op.keepDimension, op.takesLast)
    case let op as CumulativeSum:
      let axis = initializer(Tensor.from(integers: [op.axis], .i64, []))
      let made = add(
        "CumSum", [real(node.operands[0]), axis],
        [.int("exclusive", op.isExclusive ? 1 : 0), .int("reverse", op.isReversed ? 1 : 0)])
      define(node.results[0], made)
    default: return false
    }
    return true
  }

  /// Images stay in NCHW where their pixels are folded into one, or no axis goes.
  private mutating func reduce(
    _ node: Node, _ operation: String, _ axes: [Int], _ keepsAxes: Bool
  ) {
    let x = node.operands[0]
    let rank = graph[x].rank
    var reduced = axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
    let planar = isPlanarOnly(x) && (keepsAxes || reduced == [1, 2])
    if planar { reduced = reduced.compactMap { GraphWriter.toPlanar.firstIndex(of: $0) }.sorted() }
    let operand = real(x, planar: planar)
    let keeps = NodeAttribute.int("keepdims", keepsAxes ? 1 : 0)
    // No axes means all of them to ONNX, and none here.
    let made =
      reduced.isEmpty
      ? add("Identity", [operand]) : add(operation, [operand, integers(reduced)], [keeps])
    define(node.results[0], planar: planar && keepsAxes, made)
  }

  private mutating func choose(
    _ node: Node, _ operation: String, _ axis: Int, _ keepsAxis: Bool, _ takesLast: Bool
  ) {
    let made = add(
      operation, [real(node.operands[0])],
      [
        .int("axis", axis), .int("keepdims", keepsAxis ? 1 : 0),
        .int("select_last_index", takesLast ? 1 : 0),
      ])
    define(node.results[0], made)
  }
}
