import IR

let onnxLinearModelOperators: [ONNXOperator] = [
  ONNXOperator("LinearRegressor", inputs: 1, domain: ONNXOperator.learning, importRegressor),
  ONNXOperator("LinearClassifier", inputs: 1, domain: ONNXOperator.learning, importClassifier),
]

/// Whether `count` is `a · b`, however large those are.
func isProduct(_ count: Int, _ a: Int, _ b: Int) -> Bool {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return !overflow && product == count
}

/// `x · coefficientsᵀ + intercepts`, one column per target.
private func linearScores(
  _ node: SourceNodeReader, _ graph: GraphBuilder, targets: Int
) throws -> Value {
  let coefficients = try node.attributes.floats("coefficients") ?? []
  let intercepts = try node.attributes.floats("intercepts") ?? []
  let x = try graph.features(node)
  let features = graph.shape(x)[1]
  guard targets >= 1, features != Shape.unknown,
    isProduct(coefficients.count, targets, features),
    intercepts.isEmpty || intercepts.count == targets
  else {
    throw node.invalid(
      "\(coefficients.count) coefficients and \(intercepts.count) intercepts do not fit "
        + "\(targets) targets of \(graph.shape(x))")
  }
  let matrix = graph.constant(Tensor([targets, features], coefficients))
  let product = try graph.emit(MatMul(), [x, try graph.transpose(matrix, [1, 0])])
  guard !intercepts.isEmpty else { return product }
  return try graph.emit(Add(), [product, graph.constant(Tensor([1, targets], intercepts))])
}

@Sendable private func importRegressor(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let targets = try node.attributes.int("targets", default: 1)
  let scores = try linearScores(node, graph, targets: targets)
  return [try PostTransform(node).apply(Expression(graph, .f32), scores)]
}

@Sendable private func importClassifier(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  _ = try node.attributes.int("multi_class")
  let labels = try ClassLabels(node, ("classlabels_ints", "classlabels_strings"))
  let intercepts = try node.attributes.floats("intercepts")?.count ?? 0
  let targets = intercepts > 0 ? intercepts : labels.count
  let scores = try linearScores(node, graph, targets: targets)
  let transform = try PostTransform(node)
  let e = Expression(graph, .f32)
  guard targets == 1 else {
    guard targets <= labels.count else {
      throw node.invalid("\(targets) targets for \(labels.count) labels")
    }
    return [
      try labels.chosen(graph, try graph.largest(scores)), try transform.apply(e, scores),
    ]
  }
  let rows = graph.shape(scores)[0]
  let isSecond = try graph.reshape(try e.binary(Less(), e.number(0), scores), [rows])
  let label = try labels.chosen(graph, isSecond: isSecond)
  guard labels.count == 2 else { return [label, try transform.apply(e, scores)] }
  return [label, try transform.pair(e, scores, node)]
}

extension PostTransform {
  /// The scores of two classes from that of the second. ONNX leaves the first one open; this is ONNX
  /// Runtime's answer (`core/providers/cpu/ml/ml_common.h`).
  func pair(_ e: Expression, _ score: Value, _ node: SourceNodeReader) throws -> Value {
    let columns: [Value]
    switch self {
    case .logistic:
      columns = try [try e.negated(score), score].map { try e.unary(Sigmoid(), $0) }
    case .probit:
      throw node.unsupported("PROBIT of a single score is not defined for two classes")
    case .none, .softmax, .softmaxZero:
      columns = [try e.subtract(e.number(1), score), score]
    }
    return try e.graph.emit(Concat(axis: 1), columns)
  }
}
