/// The `count` largest (or smallest) elements along one axis in order, and their indices as `i64`.
/// Of equal elements the one with the lower index comes first.
public struct TopK: Operation {
  public static let mnemonic = "top_k"
  public static let summary = "the largest elements along an axis, and where they were"
  public static let arity = Arity(1, results: 2)
  public static let fields: [Field<TopK>] = [
    .init("count", \.count, "elements that are taken"),
    .init("axis", \.axis, "the axis that is searched; negative ones count from the end"),
    .init("largest", \.largest, "the largest elements or the smallest"),
  ]
  public var count: Int = 1
  public var axis: Int = -1
  public var largest: Bool = true

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    let axis = try normalizedAxis(axis, rank: x.rank, "top_k")
    guard x.element.isFloat || x.element.isInteger, x.quantization?.axis == nil, count >= 0,
      x.shape[axis] == Shape.unknown || count <= x.shape[axis]
    else { throw OperationError("'top_k' cannot take \(count) elements of axis \(axis) of \(x)") }
    var shape = x.shape
    shape[axis] = count
    return [x.with(shape: shape), TensorType(.i64, shape)]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    let types = try infer(OperandTypes([x.type]))
    let axis = try normalizedAxis(axis, rank: x.rank, "top_k")
    let chosen = x.element.isFloat
      ? choose(x.doubles(), x.shape, axis) : choose(x.integers(), x.shape, axis)
    let indices = Tensor.from(integers: chosen, .i64, types[1].shape)
    let offsets = try elementOffsets(indices, in: x.shape, axis: axis, "top_k")
    return [pickElements(x, offsets, into: types[0]), indices]
  }

  /// The indices along the axis, in the result's order.
  private func choose<T: Comparable>(_ values: [T], _ shape: Shape, _ axis: Int) -> [Int] {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let extent = shape[axis]
    var result = [Int](repeating: 0, count: outer * count * inner)
    for row in 0..<(outer * inner) {
      let (block, lane) = (row / inner, row % inner)
      let base = block * inner * extent + lane
      let ranked = (0..<extent).sorted { a, b in
        let (x, y) = (values[base + a * inner], values[base + b * inner])
        if x == y { return a < b }
        return largest ? x > y : x < y
      }
      for place in 0..<count { result[(block * count + place) * inner + lane] = ranked[place] }
    }
    return result
  }
}
