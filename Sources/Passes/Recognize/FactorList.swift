import IR

/// An operation of two operands that may bound its result.
protocol BoundedBinary: Operation {
  var minimum: Float { get }
  var maximum: Float { get }
}

extension Add: BoundedBinary {}
extension Subtract: BoundedBinary {}
extension Multiply: BoundedBinary {}
extension Divide: BoundedBinary {}

extension BoundedBinary {
  var isUnbounded: Bool { minimum == -.infinity && maximum == .infinity }
}

extension Graph {
  /// The one float that `value` is, however many axes of extent 1 it has.
  func scalar(_ value: Value) -> Double? {
    guard let tensor = constant(value), tensor.count == 1, tensor.element.isFloat else {
      return nil
    }
    return tensor.doubles()[0]
  }

  /// Whether both are the same value or equal constants.
  func same(_ a: Value, _ b: Value) -> Bool {
    if a == b { return true }
    guard let left = constant(a), let right = constant(b) else { return false }
    return left == right
  }
}

/// A product taken apart: `a · b / 2 · c` is the constant 0.5 and the factors a, b and c, however
/// the multiplications are nested and ordered.
struct FactorList {
  private(set) var constant: Double = 1
  private(set) var factors: [Value] = []
  /// Multiplications still to be taken apart: written-out functions have few, and the patterns must
  /// not walk a long chain again from every place in it.
  private var budget: Int = 8

  /// The factors of `value`; of its producer too where only this product uses it.
  init(_ value: Value, _ graph: Graph, isRoot: Bool = true) {
    collect(value, graph, isRoot: isRoot)
  }

  private mutating func collect(_ value: Value, _ graph: Graph, isRoot: Bool) {
    if let scalar = graph.scalar(value) {
      constant *= scalar
      return
    }
    guard budget > 0, isRoot || graph.hasOneUse(value), let id = graph.producer(of: value) else {
      factors.append(value)
      return
    }
    budget -= 1
    let operands = graph[id].operands
    if let product = graph[id].operation as? Multiply, product.isUnbounded {
      collect(operands[0], graph, isRoot: false)
      collect(operands[1], graph, isRoot: false)
    } else if let quotient = graph[id].operation as? Divide, quotient.isUnbounded,
      let divisor = graph.scalar(operands[1]), divisor != 0
    {
      constant /= divisor
      collect(operands[0], graph, isRoot: false)
    } else if let power = graph[id].operation as? Power {
      collectPower(power, value, operands, graph)
    } else {
      factors.append(value)
    }
  }

  /// A small whole power is that many factors.
  private mutating func collectPower(
    _ power: Power, _ value: Value, _ operands: [Value], _ graph: Graph
  ) {
    guard let exponent = graph.scalar(operands[1]), [2, 3].contains(exponent) else {
      factors.append(value)
      return
    }
    factors += [Value](repeating: operands[0], count: Int(exponent))
  }

  /// Whether the factors are `count` times `value` and the constant is `expected`, to 5 digits.
  func isPower(of value: Value, _ count: Int, times expected: Double) -> Bool {
    factors.count == count && factors.allSatisfy { $0 == value } && isNear(constant, expected)
  }
}

/// Equality to the digits that exporters write.
func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * abs(b) }

/// A sum of one constant and one other value, in either order, with one user.
struct ShiftedValue {
  let value: Value
  let constant: Double
  /// The sum's own bounds.
  let minimum: Float
  let maximum: Float

  init?(_ sum: Value, _ graph: Graph) {
    guard let (id, add) = graph.defining(sum, as: Add.self) else { return nil }
    let operands = graph[id].operands
    (minimum, maximum) = (add.minimum, add.maximum)
    if let constant = graph.scalar(operands[1]) {
      (value, self.constant) = (operands[0], constant)
    } else if let constant = graph.scalar(operands[0]) {
      (value, self.constant) = (operands[1], constant)
    } else {
      return nil
    }
  }

  var isUnbounded: Bool { minimum == -.infinity && maximum == .infinity }
}
