/// The different elements of a tensor, or its different slices along an axis.
///
/// Results: the elements (slices), where each was first, for every element of the operand its place
/// among them, and how often each was. Source: ONNX `Operators.md`, `Unique`.
public struct Unique: StringTaking {
  public static let mnemonic = "unique"
  public static let summary = "different elements, their first places, a map back, and their counts"
  public static let arity = Arity(1, results: 4)
  public static let fields: [Field<Unique>] = [
    .init("axes", \.axes, "the axis whose slices are compared; empty for single elements"),
    .init("sorted", \.isSorted, "in rising order; else in the order of their first places"),
  ]
  public var axes: [Int] = []
  public var isSorted: Bool = true

  public init() {}

  public func infer(_ operands: OperandTypes) throws -> [TensorType] {
    let x = operands[0]
    guard axes.count <= 1, !x.isQuantized else {
      throw OperationError("'unique' takes plain values and at most one axis")
    }
    var shape: Shape = [Shape.unknown]
    if let axis = axes.first {
      shape = x.shape
      shape[try normalizedAxis(axis, rank: x.rank, "unique")] = Shape.unknown
    }
    let list = TensorType(.i64, [Shape.unknown])
    return [x.with(shape: shape), list, list, list]
  }

  public func evaluate(_ operands: [Tensor], _ context: EvaluationContext) throws -> [Tensor] {
    let x = operands[0]
    if x.element == .string { return try classesOfStrings(x) }
    if x.element.isFloat { return try classes(x, x.doubles()) }
    if x.element == .u64 { return try classes(x, x.array(of: UInt64.self)) }
    return try classes(x, x.integers())
  }

  private func classesOfStrings(_ x: Tensor) throws -> [Tensor] {
    let ranks = byteRanks([x])[0]
    var results = try classes(ranks, ranks.integers())
    let names = Dictionary(zip(ranks.integers(), x.storage.strings)) { first, _ in first }
    results[0] = Tensor(
      results[0].shape, strings: results[0].integers().map { names[$0] ?? "" })
    return results
  }

  private func classes<T: Comparable>(_ x: Tensor, _ values: [T]) throws -> [Tensor] {
    let axis = try axes.first.map { try normalizedAxis($0, rank: x.rank, "unique") }
    let extent = axis.map { x.shape[$0] } ?? x.count
    let inner = axis.map { x.shape.dimensions[($0 + 1)...].reduce(1, *) } ?? 1
    let outer = axis.map { x.shape.dimensions[..<$0].reduce(1, *) } ?? 1
    func offsets(_ slice: Int) -> [Int] {
      (0..<(outer * inner)).map { ($0 / inner * extent + slice) * inner + $0 % inner }
    }
    let slices = (0..<extent).map { slice in offsets(slice).map { values[$0] } }
    // Equal slices by rising place, so that the first of a run is the first place.
    let ranked = (0..<extent).sorted { a, b in
      if slices[a] == slices[b] { return a < b }
      return slices[a].lexicographicallyPrecedes(slices[b])
    }
    var groups: [[Int]] = []
    for slice in ranked {
      if let last = groups.last?.first, slices[last] == slices[slice] {
        groups[groups.count - 1].append(slice)
      } else {
        groups.append([slice])
      }
    }
    if !isSorted { groups.sort { $0[0] < $1[0] } }
    var back = [Int](repeating: 0, count: extent)
    for (number, group) in groups.enumerated() {
      for slice in group { back[slice] = number }
    }
    var shape: Shape = [groups.count]
    if let axis {
      shape = x.shape
      shape[axis] = groups.count
    }
    let picked = (0..<outer).flatMap { block in
      groups.flatMap { group in
        (0..<inner).map { (block * extent + group[0]) * inner + $0 }
      }
    }
    return [
      pickElements(x, picked, into: x.type.with(shape: shape)),
      Tensor(integers: groups.map { $0[0] }), Tensor(integers: back),
      Tensor(integers: groups.map(\.count)),
    ]
  }
}
