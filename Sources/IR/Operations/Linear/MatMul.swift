/// The matrix product of NumPy: `[…, m, k] · […, k, n]`, leading axes broadcast, vectors promoted.
///
/// Quantised: both per tensor, the result as asked, accumulators 32 bits.
public struct MatMul: Operation {
  public static let mnemonic = "matmul"
  public static let summary = "y[…,m,n] = Σ_k a[…,m,k] · b[…,k,n], leading axes broadcast"
  public static let arity = Arity(2)
  public static let fields: [Field<MatMul>] = [
    .init("rounding", \.rounding, "how quantised sums are rounded"),
    .init("result_element", \.resultElement, "how quantised sums are stored"),
  ]
  public var rounding: Rounding = .single
  public var resultElement: ResultElement = .input

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let shape = try resultShape(operands[0].shape, operands[1].shape)
    let (a, b) = (operands[0], operands[1])
    if a.element.isInteger && !a.isQuantized && a.element == b.element {
      return [TensorType(a.element, shape)]
    }
    return [try productType(operands, shape, weightAxis: nil, resultElement)]
  }

  private func resultShape(_ a: Shape, _ b: Shape) throws -> Shape {
    guard a.rank >= 1, b.rank >= 1 else { throw OperationError("'matmul' needs no scalars") }
    let left = a.rank == 1 ? Shape([1] + a.dimensions) : a
    let right = b.rank == 1 ? Shape(b.dimensions + [1]) : b
    let (inner, other) = (left[left.rank - 1], right[right.rank - 2])
    guard inner == other || inner == Shape.unknown || other == Shape.unknown,
      let batch = Shape.broadcast([
        Shape(Array(left.dimensions.dropLast(2))), Shape(Array(right.dimensions.dropLast(2))),
      ])
    else { throw OperationError("'matmul' cannot multiply [\(a)] with [\(b)]") }
    var result = batch.dimensions
    if a.rank > 1 { result.append(left[left.rank - 2]) }
    if b.rank > 1 { result.append(right[right.rank - 1]) }
    return Shape(result)
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let shape = try resultShape(operands[0].shape, operands[1].shape)
    let element = operands[0].element
    if element.isInteger && !operands[0].type.isQuantized {
      return [multiplyIntegers(operands, TensorType(element, shape))]
    }
    let stored = operands[0].type.isQuantized ? resultElement.element(input: element) : element
    let type = TensorType(stored, shape, context.quantization())
    let product = ProductEvaluation(
      operands: operands, result: type, clamp: (-.infinity, .infinity), rounding: rounding)
    let (a, b) = (operands[0].shape, operands[1].shape)
    return [
      product.run { (x: UnsafePointer<Float>, y, store) in
        multiplyMatrices(x, a, y, b) { store($0, 0, $1) }
      } double: { (x: UnsafePointer<Double>, y, store) in
        multiplyMatrices(x, a, y, b) { store($0, 0, $1) }
      } integer: { (x: UnsafePointer<Int32>, y, store) in
        multiplyMatrices(x, a, y, b) { store($0, 0, $1) }
      } wide: { (x: UnsafePointer<Int64>, y, store) in
        multiplyMatrices(x, a, y, b) { store($0, 0, $1) }
      }
    ]
  }

  private func multiplyIntegers(_ operands: [Tensor], _ type: TensorType) -> Tensor {
    let (a, b) = (operands[0].shape, operands[1].shape)
    var result = [Int](repeating: 0, count: type.shape.count)
    let x = operands[0].integers().map { Int64($0) }
    let y = operands[1].integers().map { Int64($0) }
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        multiplyMatrices(x, a, y, b) { result[$0] = Int($1) }
      }
    }
    return Tensor.from(integers: result, type.element, type.shape)
  }

  public func macs(operands: [TensorType], results: [TensorType]) -> Int {
    results[0].shape.count * (operands[0].shape.dimensions.last ?? 1)
  }
}

/// Batched products with broadcast leading axes; `store(offset, sum)`.
@inline(__always)
private func multiplyMatrices<T: PanelScalar>(
  _ x: UnsafePointer<T>, _ a: Shape, _ y: UnsafePointer<T>, _ b: Shape,
  _ store: (_ offset: Int, _ sum: T) -> Void
) {
  let rows = a.rank > 1 ? a[a.rank - 2] : 1
  let depth = a[a.rank - 1]
  let columns = b.rank > 1 ? b[b.rank - 1] : 1
  let leftBatch = Shape(Array(a.dimensions.dropLast(2)))
  let rightBatch = Shape(Array(b.dimensions.dropLast(2)))
  guard let batch = Shape.broadcast([leftBatch, rightBatch]) else { return }
  let walk = BroadcastWalk([leftBatch, rightBatch], to: batch)
  let steps = walk.runStrides
  let length = batch.rank == 0 ? 1 : batch[batch.rank - 1]
  walk.forEachRun { start, offsets in
    for item in 0..<length {
      let left = x + (offsets[0] + item * steps[0]) * rows * depth
      let right = y + (offsets[1] + item * steps[1]) * depth * columns
      let base = (start + item) * rows * columns
      let panel = Panel<T>(columns: columns, depth: depth) { right[$1 * columns + $0] }
      multiplyPanel(left, rows, panel) { offset, _, sum in store(base + offset, sum) }
    }
  }
}
