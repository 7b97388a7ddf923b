import IR

extension SubgraphWriter {
  /// Writes a reduction; false where `node` is none.
  mutating func emitReduction(_ node: Node) throws -> Bool {
    let isLogical = node.operands.first.map { graph[$0].element == .bool } ?? false
    switch node.operation {
    case let op as ReduceMean: reduce(node, "MEAN", op.axes, op.keepDimensions)
    case let op as ReduceSum: reduce(node, "SUM", op.axes, op.keepDimensions)
    case let op as ReduceMax:
      reduce(node, isLogical ? "REDUCE_ANY" : "REDUCE_MAX", op.axes, op.keepDimensions)
    case let op as ReduceMin:
      reduce(node, isLogical ? "REDUCE_ALL" : "REDUCE_MIN", op.axes, op.keepDimensions)
    case let op as ReduceProduct: reduce(node, "REDUCE_PROD", op.axes, op.keepDimensions)
    case let op as ArgMax:
      try choose(node, "ARG_MAX", "ArgMaxOptions", op.axis, op.keepDimension, op.takesLast)
    case let op as ArgMin:
      try choose(node, "ARG_MIN", "ArgMinOptions", op.axis, op.keepDimension, op.takesLast)
    case let op as CumulativeSum:
      let x = tensor(node.operands[0])
      var options = FlatTable("CumsumOptions")
      options.set("exclusive", op.isExclusive)
      options.set("reverse", op.isReversed)
      let axis = op.axis < 0 ? op.axis + x.type.rank : op.axis
      let along = constant(Tensor.from(integers: [axis], .i32, []))
      let type = graph[node.results[0]]
      define(node.results[0], add("CUMSUM", [x, along], type, options: options))
    default: return false
    }
    return true
  }

  private mutating func reduce(_ node: Node, _ name: String, _ axes: [Int], _ keepsAxes: Bool) {
    let x = tensor(node.operands[0])
    let axes = axes.map { $0 < 0 ? $0 + x.type.rank : $0 }.sorted()
    let type = graph[node.results[0]]
    define(node.results[0], reduced(name, x, axes, keepsAxes, type))
  }

  /// `x` without `axes`, or with one place along them.
  mutating func reduced(
    _ name: String, _ x: FlatTensor, _ axes: [Int], _ keepsAxes: Bool, _ type: TensorType
  ) -> FlatTensor {
    var options = FlatTable("ReducerOptions")
    options.set("keep_dims", keepsAxes)
    return add(name, [x, integers(axes)], type, options: options)
  }

  private mutating func choose(
    _ node: Node, _ name: String, _ table: String, _ axis: Int, _ keepsAxis: Bool, _ takesLast: Bool
  ) throws {
    var x = tensor(node.operands[0])
    let axis = axis < 0 ? axis + x.type.rank : axis
    let extent = x.type.shape[axis]
    if takesLast {
      guard extent != Shape.unknown else {
        throw OperationError("\(name) takes the first of equal elements")
      }
      x = add("REVERSE_V2", [x, integers([axis])], x.type)
    }
    var options = FlatTable(table)
    options.set("output_type", symbol: "INT64")
    let type = graph[node.results[0]]
    var shape = x.type.shape.dimensions
    shape.remove(at: axis)
    let along = constant(Tensor.from(integers: [axis], .i32, []))
    var made = add(name, [x, along], type.with(shape: Shape(shape)), options: options)
    if takesLast {
      let last = constant(Tensor.from(integers: [extent - 1], type.element, []))
      let plain = self.options("SubOptions", activation: "NONE")
      made = add("SUB", [last, made], made.type, options: plain)
    }
    define(node.results[0], keepsAxis ? reshaped(made, to: type.shape) : made)
  }
}
