import IR

// Random shapes and tensors.

extension GraphMaker {
  mutating func randomShape(rank: Int) -> [Int] {
    if rank == 4 { return [random.pick([1, 1, 2]), random.int(2...5), random.int(2...5), random.int(1...4)] }
    return (0..<rank).map { _ in random.int(1...5) }
  }

  mutating func reals(_ shape: Shape) -> Tensor {
    var list: [Double] = []
    for _ in 0..<shape.count { list.append(random.real()) }
    return Tensor.from(doubles: list, float, shape)
  }

  mutating func positive(_ shape: Shape) -> Tensor {
    let list = reals(shape).doubles().map { $0.magnitude + 0.5 }
    return Tensor.from(doubles: list, float, shape)
  }

  mutating func integers(
    _ shape: Shape, _ element: ElementType, _ range: ClosedRange<Int>
  ) -> Tensor {
    var list: [Int] = []
    for _ in 0..<shape.count { list.append(random.int(range)) }
    return Tensor.from(integers: list, element, shape)
  }

  mutating func stored(_ shape: Shape, _ element: ElementType) -> Tensor {
    let type = TensorType(element, shape, quantization(element))
    return integers(shape, element, element.integerRange ?? 0...1).reinterpreted(as: type)
  }

  /// Parameters per tensor; few different ones, so that operations meet that share them.
  mutating func quantization(_ element: ElementType) -> Quantization {
    let zero = random.pick([0, -128, -5, 17])
    let scale = random.pick([0.05, 0.02, 0.0625] as [Float])
    return Quantization(scale: scale, zeroPoint: Int32(zero + (element == .u8 ? 128 : 0)))
  }

  /// A tensor that identities look for: one value everywhere, or few different ones.
  mutating func special(_ shape: Shape) -> Tensor {
    let splat = random.pick([0, 1, -1, 2, 0.5] as [Double])
    let list = [Double](repeating: splat, count: shape.count)
    return Tensor.from(doubles: list, float, shape)
  }

  /// A shape that broadcasts to `shape` without growing it.
  mutating func narrower(_ shape: Shape) -> Shape {
    let dropped = random.int(0...shape.rank)
    var kept = Array(shape.dimensions.dropFirst(dropped))
    for axis in kept.indices where random.once(in: 3) { kept[axis] = 1 }
    return random.once(in: 3) ? shape : Shape(kept)
  }

  /// Whether no element is within `margin` of half an odd integer.
  static func keepsFromTies(_ values: [Double], _ margin: Double = 0.002) -> Bool {
    values.allSatisfy { abs($0 - $0.rounded(.down) - 0.5) > margin }
  }

  /// Whether no element is within `margin` of an integer.
  static func keepsFromIntegers(_ values: [Double], _ margin: Double = 0.002) -> Bool {
    values.allSatisfy { abs($0 - $0.rounded()) > margin }
  }

  /// Whether all elements differ, so that their order is firm.
  static func areApart(_ values: [Double]) -> Bool {
    let ordered = values.sorted()
    return zip(ordered, ordered.dropFirst()).allSatisfy { $1 - $0 > 0.001 }
  }
}
