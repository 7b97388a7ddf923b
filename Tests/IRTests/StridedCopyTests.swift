import IR
import Testing

/// Transposes against the definition: y[i₀, …] = x with axis permutation[k] at place k.
@Suite struct StridedCopyTests {
  private func permutations(_ rank: Int) -> [[Int]] {
    guard rank > 0 else { return [[]] }
    return permutations(rank - 1).flatMap { rest in
      (0..<rank).map { place in
        var order = rest
        order.insert(rank - 1, at: place)
        return order
      }
    }
  }

  private func expected(_ shape: [Int], _ permutation: [Int]) -> [Int32] {
    let extents = permutation.map { shape[$0] }
    var steps = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
    return (0..<extents.reduce(1, *)).map { flat in
      var rest = flat
      var offset = 0
      for axis in extents.indices.reversed() {
        offset += rest % extents[axis] * steps[permutation[axis]]
        rest /= extents[axis]
      }
      return Int32(offset)
    }
  }

  @Test(arguments: [
    [7], [3, 5], [40, 70], [1, 33, 65], [2, 3, 4], [5, 1, 3, 2], [2, 35, 1, 34], [3, 0, 2],
  ])
  func everyOrder(shape: [Int]) throws {
    let count = shape.reduce(1, *)
    // At every address: tensors may lie anywhere in a mapped file.
    for shift in [0, 1] {
      let memory = Storage(byteCount: 4 * count + 1) { raw in
        for index in 0..<count {
          raw.storeBytes(of: Int32(index), toByteOffset: 4 * index + shift, as: Int32.self)
        }
      }
      let view = UnsafeRawBufferPointer(rebasing: memory.bytes[shift..<(shift + 4 * count)])
      let x = Tensor(
        TensorType(.i32, Shape(shape)),
        storage: Storage(borrowing: view, alignment: 4, owner: memory))
      for permutation in permutations(shape.count) {
        let y = try Transpose(permutation).evaluate([x], EvaluationContext(resultTypes: []))[0]
        #expect(y.array(of: Int32.self) == expected(shape, permutation), "\(shape) by \(permutation)")
      }
      #expect(x.array(of: Int32.self) == (0..<count).map { Int32($0) })
    }
  }
}
