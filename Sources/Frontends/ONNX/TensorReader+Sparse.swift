import CProto
import IR

extension TensorReader {
  /// A sparse tensor with its zeros put in.
  ///
  /// Source: ONNX `onnx.proto`, `SparseTensorProto`: the indices are places in the flattened tensor,
  /// or one row of coordinates per value.
  ///
  /// - Throws: a `Diagnostic` without a place.
  func read(sparse: Onnx__SparseTensorProto) throws -> Tensor {
    guard let storedValues = sparse.values, let storedIndices = sparse.indices else {
      throw Diagnostic.error("a sparse tensor without values or indices")
    }
    let values = try read(storedValues.pointee)
    let indices = try read(storedIndices.pointee)
    let dimensions = UnsafeBufferPointer(start: sparse.dims, count: sparse.n_dims).map { Int($0) }
    let shape = Shape(dimensions)
    guard dimensions.count <= TensorReader.maximumRank, dimensions.allSatisfy({ $0 >= 0 }),
      let count = shape.checkedCount, values.rank == 1, indices.element == .i64,
      indices.shape == [values.count]
        || indices.shape == [values.count, dimensions.count]
    else {
      throw Diagnostic.error(
        "a sparse tensor \(shape) with values \(values.type) and indices \(indices.type)")
    }
    guard count <= GraphBuilder.tableLimit / 8 else {
      throw Diagnostic.unsupported(
        "a sparse tensor of shape \(shape) is too large to put its zeros in",
        help: ["store it densely, in an external file if need be"])
    }
    let offsets = try offsets(indices, shape)
    guard offsets.allSatisfy({ (0..<count).contains($0) }) else {
      throw Diagnostic.error("a sparse tensor with an index outside its shape \(shape)")
    }
    if values.element == .string {
      var strings = [String](repeating: "", count: count)
      for (place, offset) in offsets.enumerated() { strings[offset] = values.storage.strings[place] }
      return Tensor(shape, strings: strings)
    }
    let size = values.element.storageSize
    let type = TensorType(values.element, shape)
    let storage = Storage(byteCount: type.byteCount) { out in
      guard let target = out.baseAddress, let source = values.storage.bytes.baseAddress else {
        return
      }
      for (place, offset) in offsets.enumerated() {
        (target + offset * size).copyMemory(from: source + place * size, byteCount: size)
      }
    }
    return Tensor(type, storage: storage)
  }

  private func offsets(_ indices: Tensor, _ shape: Shape) throws -> [Int] {
    let list = indices.integers()
    guard indices.rank == 2 else { return list }
    let strides = shape.strides
    return try (0..<indices.shape[0]).map { row in
      var offset = 0
      for axis in 0..<shape.rank {
        let index = list[row * shape.rank + axis]
        guard (0..<shape[axis]).contains(index) else {
          throw Diagnostic.error("a sparse tensor with an index outside its shape \(shape)")
        }
        offset += index * strides[axis]
      }
      return offset
    }
  }
}
