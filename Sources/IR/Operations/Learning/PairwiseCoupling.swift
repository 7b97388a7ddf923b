/// Probabilities of classes from those of all pairs of classes.
///
/// Operand: `[N, C·(C−1)/2]`, the probability of the first class of each pair (0,1), (0,2), …, (1,2),
/// …. Result: `[N, C]`. Source: T.-F. Wu, C.-J. Lin, R. Weng, "Probability Estimates for Multi-class
/// Classification by Pairwise Coupling", JMLR 5, 2004, section 4.3, algorithm 2.
public struct PairwiseCoupling: Operation {
  public static let mnemonic = "pairwise_coupling"
  public static let summary = "the p with Σ p = 1 that minimises Σ (r[j,i]·p[i] − r[i,j]·p[j])²"
  public static let arity = Arity(1)
  public static let fields: [Field<PairwiseCoupling>] = [
    .init("classes", \.classes, "the number of classes")
  ]
  public var classes: Int = 2

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element.isFloat, x.rank == 2, (2...4096).contains(classes),
      x.shape[1] == classes * (classes - 1) / 2
    else { throw OperationError("'pairwise_coupling' has no \(classes) classes in \(x)") }
    return [x.with(shape: [x.shape[0], classes])]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    let values = x.doubles()
    let pairs = x.shape[1]
    let result = (0..<x.shape[0]).flatMap { row in
      couple(Array(values[(row * pairs)..<((row + 1) * pairs)]))
    }
    return [Tensor.from(doubles: result, type.element, type.shape)]
  }

  private func couple(_ pairs: [Double]) -> [Double] {
    let count = classes
    var r = [Double](repeating: 0, count: count * count)
    var next = 0
    for i in 0..<count {
      for j in (i + 1)..<max(count, i + 1) {
        // Kept off 0 and 1, as libsvm does.
        let value = min(max(pairs[next], 1e-7), 1 - 1e-7)
        r[i * count + j] = value
        r[j * count + i] = 1 - value
        next += 1
      }
    }
    var q = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<count where j != i {
        q[i * count + i] += r[j * count + i] * r[j * count + i]
        q[i * count + j] = -r[j * count + i] * r[i * count + j]
      }
    }
    var p = [Double](repeating: 1 / Double(count), count: count)
    for _ in 0..<max(100, count) {
      var products = (0..<count).map { i in
        (0..<count).reduce(0.0) { $0 + q[i * count + $1] * p[$1] }
      }
      var total: Double = zip(p, products).reduce(0) { $0 + $1.0 * $1.1 }
      let error: Double = products.map { abs($0 - total) }.max() ?? 0
      if error < 0.005 / Double(count) { break }
      for i in 0..<count {
        let step = (total - products[i]) / q[i * count + i]
        p[i] += step
        let square = (1 + step) * (1 + step)
        total = (total + step * (step * q[i * count + i] + 2 * products[i])) / square
        for j in 0..<count {
          products[j] = (products[j] + step * q[i * count + j]) / (1 + step)
          p[j] /= 1 + step
        }
      }
    }
    return p
  }
}
