import IR

// What the classifiers and regressors of ai.onnx.ml share. Source: ONNX `Operators-ml.md`; what it
// leaves open is done as ONNX Runtime does it, and said so where it is.

/// The labels of a classifier.
struct ClassLabels {
  let tensor: Tensor

  init(_ node: SourceNodeReader, _ names: (ints: String, strings: String)) throws {
    let integers = try node.attributes.ints(names.ints) ?? []
    let strings = try node.attributes.strings(names.strings) ?? []
    guard integers.isEmpty != strings.isEmpty else {
      throw node.invalid("needs class labels: either \(names.ints) or \(names.strings)")
    }
    tensor = strings.isEmpty
      ? Tensor(integers: integers) : Tensor([strings.count], strings: strings)
  }

  var count: Int { tensor.count }

  /// With a single label there is nothing to choose from: 0 and 1 stand for no and yes.
  var pair: Tensor {
    if count == 2 { return tensor }
    return tensor.element == .string
      ? Tensor([2], strings: ["0", "1"]) : Tensor(integers: [0, 1])
  }

  /// The label for every index.
  func chosen(_ graph: GraphBuilder, _ index: Value) throws -> Value {
    try graph.emit(Gather(axis: 0), [graph.constant(tensor), index])
  }

  /// The second of two labels where `isSecond` holds.
  func chosen(_ graph: GraphBuilder, isSecond: Value) throws -> Value {
    let index = try graph.emit(Cast(to: .i64), [isSecond])
    return try graph.emit(Gather(axis: 0), [graph.constant(pair), index])
  }
}

/// What is done to scores at the end.
enum PostTransform: String {
  case none = "NONE"
  case softmax = "SOFTMAX"
  case logistic = "LOGISTIC"
  case softmaxZero = "SOFTMAX_ZERO"
  case probit = "PROBIT"

  init(_ node: SourceNodeReader) throws {
    let name = try node.attributes.string("post_transform") ?? "NONE"
    guard let known = PostTransform(rawValue: name) else {
      throw node.invalid("post_transform '\(name)' is not known")
    }
    self = known
  }

  /// By the numbers of `TreeEnsemble`, version 5.
  init?(number: Int) {
    let all: [PostTransform] = [.none, .softmax, .logistic, .softmaxZero, .probit]
    guard all.indices.contains(number) else { return nil }
    self = all[number]
  }

  /// Applied to the rows of a matrix.
  func apply(_ e: Expression, _ scores: Value) throws -> Value {
    switch self {
    case .none: return scores
    case .softmax: return try e.unary(Softmax(axis: -1), scores)
    case .logistic: return try e.unary(Sigmoid(), scores)
    case .softmaxZero: return try PostTransform.softmaxWithoutZeros(e, scores)
    case .probit: return try PostTransform.probit(e, scores)
    }
  }

  /// A softmax where zeros stay (nearly) zero and do not count.
  private static func softmaxWithoutZeros(_ e: Expression, _ scores: Value) throws -> Value {
    var maximum = ReduceMax()
    maximum.axes = [-1]
    let largest = try e.unary(maximum, scores)
    let isZero = try e.binary(
      LessOrEqual(), try e.unary(Absolute(), scores), e.number(1e-7))
    let powers = try e.unary(Exponential(), try e.subtract(scores, largest))
    let counted = try e.graph.emit(Select(), [isZero, e.number(0), powers])
    let small = try e.multiply(scores, try e.unary(Exponential(), try e.negated(largest)))
    let numerators = try e.graph.emit(Select(), [isZero, small, powers])
    return try e.divide(numerators, try e.sum(counted, [-1]))
  }

  /// `√2 · erf⁻¹(2x − 1)`, the inverse by Winitzki's formula with a = 0.147, which ONNX Runtime uses.
  ///
  /// Source: S. Winitzki, "A handy approximation for the error function and its inverse", 2008.
  private static func probit(_ e: Expression, _ x: Value) throws -> Value {
    let a: Double = 0.147
    let centred = try e.subtract(try e.multiply(x, e.number(2)), e.number(1))
    let log = try e.unary(
      Logarithm(), try e.subtract(e.number(1), try e.multiply(centred, centred)))
    let v = try e.add(try e.multiply(log, e.number(0.5)), e.number(2 / (3.14159 * a)))
    let inner = try e.subtract(try e.multiply(v, v), try e.multiply(log, e.number(1 / a)))
    let root = try e.unary(
      SquareRoot(), try e.subtract(try e.unary(SquareRoot(), inner), v))
    let isNegative = try e.binary(Less(), centred, e.number(0))
    let signed = try e.graph.emit(Select(), [isNegative, try e.negated(root), root])
    return try e.multiply(signed, e.number(1.41421356))
  }
}

extension GraphBuilder {
  /// The features of a classifier as a matrix: one row where the operand is a list.
  func features(_ node: SourceNodeReader, _ element: ElementType? = .f32) throws -> Value {
    var x = try plain(try node.input(0))
    let shape = shape(x)
    guard (1...2).contains(shape.rank) else {
      throw node.invalid("needs a matrix of features, not \(type(x))")
    }
    if shape.rank == 1 { x = try reshape(x, [1, shape[0]]) }
    guard type(x).element.isFloat || type(x).element.isInteger || type(x).element == .bool else {
      throw node.invalid("needs numbers, not \(type(x))")
    }
    guard let element, type(x).element != element else { return x }
    return try emit(Cast(to: element), [x])
  }

  /// The index of the largest element of every row.
  func largest(_ scores: Value) throws -> Value {
    var operation = ArgMax()
    operation.axis = 1
    operation.keepDimension = false
    return try emit(operation, [scores])
  }
}
