import IR

let reductionOperators: [OperatorEntry] = [
  OperatorEntry("MEAN", version: 3, 2) { call, graph in
    var operation = ReduceMean()
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    operation.rounding = .double
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("SUM", version: 2, 2) { call, graph in
    var operation = ReduceSum()
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("REDUCE_MAX", version: 3, 2) { call, graph in
    var operation = ReduceMax()
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("REDUCE_MIN", version: 3, 2) { call, graph in
    var operation = ReduceMin()
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("REDUCE_PROD", version: 2, 2) { call, graph in
    var operation = ReduceProduct()
    operation.rounding = .double
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("REDUCE_ALL", version: 1, 2) { call, graph in
    var operation = ReduceMin()
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("REDUCE_ANY", version: 2, 2) { call, graph in
    var operation = ReduceMax()
    (operation.axes, operation.keepDimensions) = try graph.reducedAxes(call)
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
]

extension GraphImporter {
  /// The axes of operand 1, each once, and whether they stay.
  fileprivate mutating func reducedAxes(_ call: OperatorCall) throws -> ([Int], Bool) {
    let axes = try axes(1, call, rank: type(of: try operand(0, call)).rank)
    return (Array(Set(axes)).sorted(), call.options.bool("keep_dims"))
  }
}
