/// The extents of a tensor, outermost first. An unknown extent is `Shape.unknown` and prints as `?`.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// The extent of a dimension that is not known before the model runs.
  public static let unknown: Int = -1

  public var dimensions: [Int]

  public init(_ dimensions: [Int]) { self.dimensions = dimensions }
  public init(arrayLiteral elements: Int...) { dimensions = elements }

  /// The shape of a single value.
  public static let scalar = Shape([])

  public var rank: Int { dimensions.count }
  public var isStatic: Bool { !dimensions.contains(Shape.unknown) }

  /// The number of elements. Requires `isStatic`.
  public var count: Int { dimensions.reduce(1, *) }

  /// Whether sizes and offsets in a tensor of this shape can be computed without a check of each:
  /// no known extent is below zero, and their product is at most 2^40.
  public var isAddressable: Bool {
    var product = 1
    for extent in dimensions where extent != Shape.unknown {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, !overflow, next <= 1 << 40 else { return false }
      product = next
    }
    return true
  }

  /// The number of elements, or nil where an extent is unknown or the product overflows.
  public var checkedCount: Int? {
    guard isStatic else { return nil }
    var product = 1
    for extent in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return product
  }

  public subscript(axis: Int) -> Int {
    get { dimensions[axis] }
    set { dimensions[axis] = newValue }
  }

  /// Element strides of the dense row-major layout. Requires `isStatic`.
  public var strides: [Int] {
    var result = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      result[axis] = result[axis + 1] * dimensions[axis + 1]
    }
    return result
  }

  /// Whether a value of shape `other` may stand where this shape is declared: same rank, and equal
  /// extents wherever both are known.
  public func isCompatible(with other: Shape) -> Bool {
    guard rank == other.rank else { return false }
    return zip(dimensions, other.dimensions).allSatisfy { mine, theirs in
      mine == theirs || mine == Shape.unknown || theirs == Shape.unknown
    }
  }

  /// The shape of an elementwise result over `shapes` by ONNX's multidirectional broadcasting, or
  /// nil where two known extents differ and neither is 1.
  public static func broadcast(_ shapes: [Shape]) -> Shape? {
    let rank = shapes.map(\.rank).max() ?? 0
    var result = [Int](repeating: 1, count: rank)
    for shape in shapes {
      let offset = rank - shape.rank
      for (axis, extent) in shape.dimensions.enumerated() {
        guard let joined = join(result[axis + offset], extent) else { return nil }
        result[axis + offset] = joined
      }
    }
    return Shape(result)
  }

  private static func join(_ a: Int, _ b: Int) -> Int? {
    if a == b || b == 1 { return a }
    if a == 1 { return b }
    if a == unknown { return b }
    if b == unknown { return a }
    return nil
  }
}

extension Shape: CustomStringConvertible {
  /// `1x?x8`; empty for a scalar.
  public var description: String {
    dimensions.map { $0 == Shape.unknown ? "?" : String($0) }.joined(separator: "x")
  }
}
