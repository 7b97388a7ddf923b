import IR

let onnxSupportVectorOperators: [ONNXOperator] = [
  ONNXOperator("SVMRegressor", inputs: 1, domain: ONNXOperator.learning, importRegressor),
  ONNXOperator("SVMClassifier", inputs: 1, domain: ONNXOperator.learning) { node, graph in
    try SupportVectorClassifier(node, graph).run()
  },
]

/// A kernel function between rows. Source: ONNX `Operators-ml.md`, `SVMClassifier`.
private struct SupportVectorKernel {
  let name: String
  let gamma: Double
  let offset: Double
  let degree: Double

  init(_ node: SourceNodeReader) throws {
    name = try node.attributes.string("kernel_type") ?? "LINEAR"
    let parameters = try node.attributes.floats("kernel_params") ?? []
    guard parameters.isEmpty || parameters.count == 3 else {
      throw node.invalid("kernel_params has \(parameters.count) entries, not gamma, coef0, degree")
    }
    gamma = parameters.isEmpty ? 0 : Double(parameters[0])
    offset = parameters.isEmpty ? 0 : Double(parameters[1])
    degree = parameters.isEmpty ? 0 : Double(parameters[2])
    guard ["LINEAR", "POLY", "RBF", "SIGMOID"].contains(name) else {
      throw node.invalid("kernel_type '\(name)' is not known")
    }
  }

  /// Between every row of `x` [N, F] and of `vectors` [V, F]: [N, V].
  func apply(_ e: Expression, _ x: Value, _ vectors: Tensor) throws -> Value {
    let graph = e.graph
    let other = graph.constant(vectors)
    guard name == "RBF" else {
      let product = try graph.emit(MatMul(), [x, try graph.transpose(other, [1, 0])])
      if name == "LINEAR" { return product }
      let inner = try e.add(try e.multiply(product, e.number(gamma)), e.number(offset))
      return name == "POLY"
        ? try e.binary(Power(), inner, e.number(degree)) : try e.unary(Tanh(), inner)
    }
    let shape = graph.shape(x)
    let rows = try graph.reshape(x, [shape[0], 1, shape[1]])
    let columns = try graph.reshape(other, [1, vectors.shape[0], shape[1]])
    let difference = try e.subtract(rows, columns)
    var sum = ReduceSum()
    sum.axes = [2]
    sum.keepDimensions = false
    let distance = try e.unary(sum, try e.multiply(difference, difference))
    return try e.unary(Exponential(), try e.multiply(distance, e.number(-gamma)))
  }
}

@Sendable private func importRegressor(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let coefficients = try attributes.floats("coefficients") ?? []
  let vectors = try attributes.floats("support_vectors") ?? []
  let count = try attributes.int("n_supports", default: 0)
  let rho = try attributes.floats("rho")?.first ?? 0
  let x = try graph.features(node)
  let features = graph.shape(x)[1]
  let e = Expression(graph, .f32)
  let kernel = try SupportVectorKernel(node)
  let isLinear = count == 0
  guard count >= 0, features != Shape.unknown,
    coefficients.count == (isLinear ? features : count),
    isLinear || isProduct(vectors.count, count, features)
  else { throw node.invalid("its support vectors and coefficients do not fit \(graph.shape(x))") }
  let basis = isLinear ? x : try kernel.apply(e, x, Tensor([count, features], vectors))
  let weights = graph.constant(Tensor([coefficients.count, 1], coefficients))
  var score = try e.add(try graph.emit(MatMul(), [basis, weights]), e.number(Double(rho)))
  if try attributes.flag("one_class") {
    let isInside = try e.binary(Less(), e.number(0), score)
    score = try graph.emit(Select(), [isInside, e.number(1), e.number(-1)])
  }
  return [try PostTransform(node).apply(e, score)]
}

/// Support vectors vote for one of each pair of classes; without support vectors the classes'
/// scores are linear.
private struct SupportVectorClassifier {
  private let node: SourceNodeReader
  private let graph: GraphBuilder
  private let e: Expression
  private let labels: ClassLabels
  private let transform: PostTransform
  private let coefficients: [Float]
  private let rho: [Float]
  private let x: Value

  init(_ node: SourceNodeReader, _ graph: GraphBuilder) throws {
    self.node = node
    self.graph = graph
    e = Expression(graph, .f32)
    labels = try ClassLabels(node, ("classlabels_ints", "classlabels_strings"))
    transform = try PostTransform(node)
    coefficients = try node.attributes.floats("coefficients") ?? []
    rho = try node.attributes.floats("rho") ?? []
    x = try graph.features(node)
  }

  func run() throws -> [Value] {
    let counts = try node.attributes.ints("vectors_per_class") ?? []
    let kernel = try SupportVectorKernel(node)
    guard (2...256).contains(labels.count) else {
      throw node.unsupported("\(labels.count) class labels, only 2 to 256")
    }
    return counts.allSatisfy { $0 == 0 } ? try linear() : try voting(counts, kernel)
  }

  private func linear() throws -> [Value] {
    let (classes, features) = (labels.count, graph.shape(x)[1])
    guard features != Shape.unknown, isProduct(coefficients.count, classes, features),
      let shift = rho.first
    else { throw node.invalid("its coefficients do not fit \(graph.shape(x))") }
    let matrix = graph.constant(Tensor([classes, features], coefficients))
    let product = try graph.emit(MatMul(), [x, try graph.transpose(matrix, [1, 0])])
    let scores = try e.add(product, e.number(Double(shift)))
    let label = try labels.chosen(graph, try graph.largest(scores))
    return [label, try transform.apply(e, scores)]
  }

  private func voting(_ counts: [Int], _ kernel: SupportVectorKernel) throws -> [Value] {
    let (classes, features) = (labels.count, graph.shape(x)[1])
    let vectors = try node.attributes.floats("support_vectors") ?? []
    guard counts.count == classes, counts.allSatisfy({ (0...(1 << 24)).contains($0) }) else {
      throw node.invalid("vectors_per_class \(counts) does not fit \(classes) classes")
    }
    let total = counts.reduce(0, +)
    let pairs = classes * (classes - 1) / 2
    guard features != Shape.unknown, isProduct(vectors.count, total, features),
      coefficients.count == (classes - 1) * total, rho.count >= pairs
    else { throw node.invalid("its support vectors do not fit \(graph.shape(x))") }
    let kernels = try kernel.apply(e, x, Tensor([total, features], vectors))
    let weights = graph.constant(pairWeights(counts, total))
    let shifts = graph.constant(Tensor([1, pairs], Array(rho[..<pairs])))
    let margins = try e.add(try graph.emit(MatMul(), [kernels, weights]), shifts)
    // Of equal votes the first class wins, whatever the probabilities.
    let label = try labels.chosen(graph, try graph.largest(try votes(margins)))
    if let a = try node.attributes.floats("prob_a"), let b = try node.attributes.floats("prob_b"),
      !a.isEmpty
    {
      return [label, try transform.apply(e, try probabilities(margins, a, b))]
    }
    return [label, try scores(margins)]
  }

  /// For every pair (i, j) the coefficients of the support vectors of i against j and of j against
  /// i: [vectors, pairs].
  private func pairWeights(_ counts: [Int], _ total: Int) -> Tensor {
    let classes = counts.count
    let starts = counts.indices.map { counts[..<$0].reduce(0, +) }
    let pairs = classes * (classes - 1) / 2
    var weights = [Float](repeating: 0, count: total * pairs)
    var pair = 0
    for i in 0..<classes {
      for j in (i + 1)..<max(classes, i + 1) {
        for m in starts[i]..<(starts[i] + counts[i]) {
          weights[m * pairs + pair] = coefficients[(j - 1) * total + m]
        }
        for m in starts[j]..<(starts[j] + counts[j]) {
          weights[m * pairs + pair] = coefficients[i * total + m]
        }
        pair += 1
      }
    }
    return Tensor([total, pairs], weights)
  }

  /// How many pairs each class wins: [N, classes].
  private func votes(_ margins: Value) throws -> Value {
    let classes = labels.count
    let pairs = classes * (classes - 1) / 2
    var first = [Float](repeating: 0, count: pairs * classes)
    var second = first
    var pair = 0
    for i in 0..<classes {
      for j in (i + 1)..<max(classes, i + 1) {
        first[pair * classes + i] = 1
        second[pair * classes + j] = 1
        pair += 1
      }
    }
    let wins = try graph.emit(
      Cast(to: .f32), [try e.binary(Less(), e.number(0), margins)])
    let losses = try e.subtract(e.number(1), wins)
    let won = try graph.emit(
      MatMul(), [wins, graph.constant(Tensor([pairs, classes], first))])
    let lost = try graph.emit(
      MatMul(), [losses, graph.constant(Tensor([pairs, classes], second))])
    return try e.add(won, lost)
  }

  /// Platt's sigmoid of every margin, then coupled. Source: J. Platt, "Probabilistic Outputs for
  /// Support Vector Machines", 1999.
  private func probabilities(_ margins: Value, _ a: [Float], _ b: [Float]) throws -> Value {
    let pairs = graph.shape(margins)[1]
    guard a.count >= pairs, b.count >= pairs else {
      throw node.invalid("needs \(pairs) of prob_a and prob_b")
    }
    let slope = graph.constant(Tensor([1, pairs], Array(a[..<pairs])))
    let shift = graph.constant(Tensor([1, pairs], Array(b[..<pairs])))
    let inner = try e.add(try e.multiply(margins, slope), shift)
    var coupling = PairwiseCoupling()
    coupling.classes = labels.count
    return try e.unary(coupling, try e.unary(Sigmoid(), try e.negated(inner)))
  }

  /// Without probabilities the margins themselves; with two classes one for each.
  private func scores(_ margins: Value) throws -> Value {
    guard labels.count == 2 else { return try transform.apply(e, margins) }
    switch transform {
    case .none:
      return try graph.emit(Concat(axis: 1), [try e.negated(margins), margins])
    default: return try transform.pair(e, margins, node)
    }
  }
}
