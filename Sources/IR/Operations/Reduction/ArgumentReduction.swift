/// What `argmax` and `argmin` share: the index of the best element along one axis, as `i64`.
protocol ArgumentReduction: Operation {
  var axis: Int { get }
  var keepDimension: Bool { get }
  var takesLast: Bool { get }
  /// Whether `a` is better than `b`.
  static func isBetter<T: Comparable>(_ a: T, than b: T) -> Bool
}

extension ArgumentReduction {
  public static var arity: Arity { Arity(1) }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    let axis = try normalizedAxis(axis, rank: x.rank, Self.mnemonic)
    guard x.element.isFloat || x.element.isInteger || x.element == .bool, x.quantization?.axis == nil else {
      throw OperationError("'\(Self.mnemonic)' needs numbers, not \(x)")
    }
    var extents = x.shape.dimensions
    if keepDimension { extents[axis] = 1 } else { extents.remove(at: axis) }
    return [TensorType(.i64, Shape(extents))]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let type = try infer(OperandTypes([x.type]))[0]
    let axis = try normalizedAxis(axis, rank: x.rank, Self.mnemonic)
    guard x.shape[axis] > 0 || type.shape.count == 0 else {
      throw OperationError("'\(Self.mnemonic)' has no element to choose from in \(x.type)")
    }
    let indices = x.element.isFloat ? best(x.doubles(), x.shape, axis) : best(x.integers(), x.shape, axis)
    return [Tensor.from(integers: indices, .i64, type.shape)]
  }

  private func best<T: Comparable>(_ values: [T], _ shape: Shape, _ axis: Int) -> [Int] {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let extent = shape[axis]
    let outer = shape.dimensions[..<axis].reduce(1, *)
    return (0..<(outer * inner)).map { row in
      let base = row / inner * inner * extent + row % inner
      var found = 0
      for index in 1..<max(extent, 1) {
        let (candidate, current) = (values[base + index * inner], values[base + found * inner])
        let isTie = takesLast && candidate == current
        if isTie || Self.isBetter(candidate, than: current) { found = index }
      }
      return found
    }
  }
}
