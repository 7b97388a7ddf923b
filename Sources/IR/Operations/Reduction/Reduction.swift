/// What the reductions share: they fold some axes of their operand into one value each.
protocol Reduction: Operation {
  var axes: [Int] { get }
  var keepDimensions: Bool { get }
  static func fold(_ values: UnsafeBufferPointer<Double>) -> Double
  static func fold(_ values: UnsafeBufferPointer<Int>) -> Int
  /// The integers of a quantised result.
  func reduceQuantized(_ x: Tensor, _ type: TensorType) -> Tensor
  /// Whether a quantised result may have its own parameters; else it keeps its operand's.
  static var rescales: Bool { get }
}

extension Reduction {
  public static var arity: Arity { Arity(1) }

  /// The axes, none negative, ascending. Throws where one does not exist.
  func normalizedAxes(rank: Int) throws -> [Int] {
    let result = axes.map { $0 < 0 ? $0 + rank : $0 }
    guard result.allSatisfy({ (0..<rank).contains($0) }), Set(result).count == result.count else {
      throw OperationError("'\(Self.mnemonic)' cannot reduce axes \(axes) of \(rank)")
    }
    return result.sorted()
  }

  func resultShape(_ shape: Shape) throws -> Shape {
    let reduced = try normalizedAxes(rank: shape.rank)
    if keepDimensions {
      return Shape(shape.dimensions.enumerated().map { reduced.contains($0) ? 1 : $1 })
    }
    return Shape(shape.dimensions.enumerated().filter { !reduced.contains($0.0) }.map(\.1))
  }

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard x.element.isFloat || x.element.isInteger || x.element == .bool else {
      throw OperationError("'\(Self.mnemonic)' needs numbers, not \(x)")
    }
    let shape = try resultShape(x.shape)
    guard x.isQuantized else { return [TensorType(x.element, shape)] }
    let quantization = Self.rescales ? try operands.requireAsked(Self.mnemonic) : x.quantization
    return [TensorType(x.element, shape, quantization)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let shape = try resultShape(x.shape)
    let type = TensorType(x.element, shape, context.quantization())
    if type.isQuantized { return [reduceQuantized(x, type)] }
    if x.element.isFloat {
      let folded = try fold(x.doubles(), x.shape) { Self.fold($0) }
      return [Tensor.from(doubles: folded, x.element, shape)]
    }
    let folded = try fold(x.integers(), x.shape) { Self.fold($0) }
    return [Tensor.from(integers: folded, x.element, shape)]
  }

  /// Gathers the values behind each result, in row-major order, and folds them.
  func fold<T: BitwiseCopyable>(
    _ values: [T], _ shape: Shape, _ body: (UnsafeBufferPointer<T>) -> T
  ) throws -> [T] {
    let reduced = try normalizedAxes(rank: shape.rank)
    let kept = (0..<shape.rank).filter { !reduced.contains($0) }
    let strides = shape.strides
    let inner = offsets(reduced.map { shape[$0] }, reduced.map { strides[$0] })
    let outer = offsets(kept.map { shape[$0] }, kept.map { strides[$0] })
    return withUnsafeTemporaryAllocation(of: T.self, capacity: max(inner.count, 1)) { buffer in
      outer.map { base in
        for (index, offset) in inner.enumerated() { buffer[index] = values[base + offset] }
        return body(UnsafeBufferPointer(rebasing: buffer[0..<inner.count]))
      }
    }
  }

  private func offsets(_ extents: [Int], _ strides: [Int]) -> [Int] {
    var result = [0]
    for (extent, stride) in zip(extents, strides) {
      result = result.flatMap { base in (0..<extent).map { base + $0 * stride } }
    }
    return result
  }
}
