/// What `cumulative_sum` and `cumulative_product` share: the fold of all elements up to each one.
protocol Cumulation: Operation {
  var axis: Int { get }
  var isExclusive: Bool { get }
  var isReversed: Bool { get }
  static var start: Int { get }
  static func fold(_ a: Double, _ b: Double) -> Double
  static func fold(_ a: Int, _ b: Int) -> Int
}

extension Cumulation {
  public static var arity: Arity { Arity(1) }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    _ = try normalizedAxis(axis, rank: x.rank, Self.mnemonic)
    guard x.element.isFloat || x.element.isInteger, !x.isQuantized else {
      throw OperationError("'\(Self.mnemonic)' needs plain numbers, not \(x)")
    }
    return [x]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    if x.element.isFloat {
      let folded = try run(x.doubles(), x.shape, Double(Self.start)) { Self.fold($0, $1) }
      return [Tensor.from(doubles: folded, x.element, x.shape)]
    }
    let folded = try run(x.integers(), x.shape, Self.start) { Self.fold($0, $1) }
    return [Tensor.from(integers: folded, x.element, x.shape)]
  }

  private func run<T>(_ values: [T], _ shape: Shape, _ start: T, _ fold: (T, T) -> T) throws -> [T] {
    let axis = try normalizedAxis(axis, rank: shape.rank, Self.mnemonic)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let extent = shape[axis]
    var result = values
    for row in 0..<(extent == 0 ? 0 : values.count / extent) {
      let base = row / inner * inner * extent + row % inner
      var total = start
      for step in 0..<extent {
        let place = base + (isReversed ? extent - 1 - step : step) * inner
        let next = fold(total, values[place])
        result[place] = isExclusive ? total : next
        total = next
      }
    }
    return result
  }
}
