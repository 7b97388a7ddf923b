/// Walks the elements of a broadcast result in row-major order, giving for each operand the offset
/// of its element.
struct BroadcastWalk {
  let shape: Shape
  /// Per operand, its stride along each axis of the result; 0 where it is repeated.
  let strides: [[Int]]

  init(_ operands: [Shape], to shape: Shape) {
    self.shape = shape
    strides = operands.map { operand in
      let own = operand.strides
      let offset = shape.rank - operand.rank
      return (0..<shape.rank).map { axis in
        axis < offset || operand[axis - offset] == 1 ? 0 : own[axis - offset]
      }
    }
  }

  /// Calls `body` once per run along the last axis: the result's offset, each operand's offset.
  func forEachRun(_ body: (_ result: Int, _ operands: [Int]) -> Void) {
    guard shape.count > 0 else { return }
    let outer = shape.dimensions.dropLast()
    let length = shape.rank == 0 ? 1 : shape[shape.rank - 1]
    var index = [Int](repeating: 0, count: outer.count)
    var offsets = [Int](repeating: 0, count: strides.count)
    var result = 0
    while true {
      body(result, offsets)
      result += length
      guard advance(&index, &offsets, outer.count) else { return }
    }
  }

  /// Moves to the next index of the outer axes; false after the last.
  private func advance(_ index: inout [Int], _ offsets: inout [Int], _ outer: Int) -> Bool {
    for axis in stride(from: outer - 1, through: 0, by: -1) {
      index[axis] += 1
      for operand in offsets.indices { offsets[operand] += strides[operand][axis] }
      if index[axis] < shape[axis] { return true }
      for operand in offsets.indices { offsets[operand] -= strides[operand][axis] * shape[axis] }
      index[axis] = 0
    }
    return false
  }

  /// The operands' strides along the last axis.
  var runStrides: [Int] { strides.map { $0.last ?? 0 } }
}

/// `result[i] = body(a[i], b[i])` with broadcasting; `type` has the broadcast shape.
func mapElements<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
  _ a: Tensor, _ b: Tensor, _ type: TensorType, _ body: (A, B) -> R
) -> Tensor {
  let walk = BroadcastWalk([a.shape, b.shape], to: type.shape)
  let steps = walk.runStrides
  let length = type.rank == 0 ? 1 : type.shape[type.rank - 1]
  return Tensor.make(type) { (out: UnsafeMutableBufferPointer<R>) in
    a.withElements { (x: UnsafeBufferPointer<A>) in
      b.withElements { (y: UnsafeBufferPointer<B>) in
        walk.forEachRun { start, offsets in
          var i = offsets[0]
          var j = offsets[1]
          for k in start..<(start + length) {
            out[k] = body(x[i], y[j])
            i += steps[0]
            j += steps[1]
          }
        }
      }
    }
  }
}

/// `result[i] = body(a[i])`.
func mapElements<A: BitwiseCopyable, R: BitwiseCopyable>(
  _ a: Tensor, _ type: TensorType, _ body: (A) -> R
) -> Tensor {
  Tensor.make(type) { (out: UnsafeMutableBufferPointer<R>) in
    a.withElements { (x: UnsafeBufferPointer<A>) in
      for i in 0..<x.count { out[i] = body(x[i]) }
    }
  }
}
