// Moving elements without looking at them: shared by transpose, slice, concat, pad, gather.

/// Reads a strided box of elements into dense row-major order.
///
/// - Parameters:
///   - start: the offset of the first element in the source, in elements.
///   - strides: the source's step along each axis of `shape`, in elements; may be negative.
func gatherStrided(_ x: Tensor, start: Int, strides: [Int], into type: TensorType) -> Tensor {
  switch x.element.storageSize {
  case 1: return gather(x, UInt8.self, start, strides, type)
  case 2: return gather(x, UInt16.self, start, strides, type)
  case 4: return gather(x, UInt32.self, start, strides, type)
  default: return gather(x, UInt64.self, start, strides, type)
  }
}

private func gather<T: BitwiseCopyable>(
  _ x: Tensor, _: T.Type, _ start: Int, _ strides: [Int], _ type: TensorType
) -> Tensor {
  let box = StridedBox(type.shape, strides)
  return Tensor.make(type) { (out: UnsafeMutableBufferPointer<T>) in
    let source = x.storage.unalignedBytes
    guard !out.isEmpty, let to = out.baseAddress, let from = source.baseAddress else { return }
    box.copy(from + start * MemoryLayout<T>.stride, to)
  }
}

/// Calls `body` with the source offset of every element of `shape`, row-major.
@inline(__always)
func forEachOffset(_ shape: Shape, _ strides: [Int], _ start: Int, _ body: (Int) -> Void) {
  guard shape.count > 0 else { return }
  guard shape.rank > 0 else { return body(start) }
  let last = shape.rank - 1
  var index = [Int](repeating: 0, count: shape.rank)
  var base = start
  while true {
    var offset = base
    for _ in 0..<shape[last] {
      body(offset)
      offset += strides[last]
    }
    var axis = last - 1
    while axis >= 0 {
      index[axis] += 1
      base += strides[axis]
      if index[axis] < shape[axis] { break }
      base -= strides[axis] * shape[axis]
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}

/// An axis counted from the front. Throws where it does not exist.
func normalizedAxis(_ axis: Int, rank: Int, _ mnemonic: String) throws -> Int {
  let result = axis < 0 ? axis + rank : axis
  guard (0..<rank).contains(result) else {
    throw OperationError("'\(mnemonic)' has no axis \(axis) in \(rank) dimensions")
  }
  return result
}
