import CProto
import IR

/// A constant whose file holds only some of its elements, level by level.
///
/// Each level of the traversal runs along one axis, or inside the blocks of one; it is dense, or
/// lists the indices of its elements. Source: TensorFlow Lite schema, `SparsityParameters`; TACO
/// (F. Kjolstad et al., 2017).
struct SparseTensor {
  private struct Level {
    let isCompressed: Bool
    let size: Int
    let segments: [Int]
    let indices: [Int]
    /// The axis of the dense tensor.
    let axis: Int
    /// For the index along that axis: the extent of the blocks inside this level.
    let step: Int
  }

  private let type: TensorType
  private let levels: [Level]

  /// - Throws: a `Diagnostic` naming the tensor where levels and extents do not fit.
  init(
    _ type: TensorType, _ title: String,
    _ sparsity: (edgecc_tflite_sparsity, [edgecc_tflite_sparse_dimension])
  ) throws {
    func broken(_ what: String) -> Diagnostic {
      Diagnostic.error("the sparse tensor '\(title)' of \(type) \(what)")
    }
    let (order, blocks) = (list(sparsity.0.traversal_order), list(sparsity.0.block_map))
    let rank = type.rank
    guard order.count == sparsity.1.count, order.count == rank + blocks.count,
      Set(order) == Set(0..<order.count), blocks.allSatisfy({ (0..<rank).contains($0) }),
      Set(blocks).count == blocks.count
    else { throw broken("has levels that do not fit its axes") }
    var inner: [Int: Int] = [:]
    for (place, axis) in order.enumerated() where axis >= rank {
      inner[blocks[axis - rank]] = Int(sparsity.1[place].dense_size)
    }
    levels = try order.enumerated().map { place, axis in
      let raw = sparsity.1[place]
      let isBlock = axis >= rank
      let target = isBlock ? blocks[axis - rank] : axis
      let block = inner[target] ?? 1
      guard block > 0, type.shape[target] % block == 0 else {
        throw broken("has blocks that do not fit axis \(target)")
      }
      let extent = isBlock ? block : type.shape[target] / block
      if !raw.is_compressed {
        guard Int(raw.dense_size) == extent else { throw broken("has a level of the wrong size") }
      }
      let indices = SparseTensor.integers(raw.indices)
      guard indices.allSatisfy({ (0..<extent).contains($0) }) else {
        throw broken("has an index outside of axis \(target)")
      }
      return Level(
        isCompressed: raw.is_compressed, size: extent,
        segments: SparseTensor.integers(raw.segments), indices: indices, axis: target,
        step: isBlock ? 1 : block)
    }
    self.type = type
  }

  private static func integers(_ raw: edgecc_tflite_integers) -> [Int] {
    var values = [Int64](repeating: 0, count: raw.count)
    _ = edgecc_tflite_integers_read(raw, &values, values.count)
    return values.map { Int($0) }
  }

  /// Where in the dense tensor each stored element belongs; nil where a segment does not exist.
  func places() -> [Int]? {
    let strides = type.shape.strides
    var places = [0]
    var positions = [0]
    for level in levels {
      var (nextPlaces, nextPositions): ([Int], [Int]) = ([], [])
      for (place, position) in zip(places, positions) {
        if level.isCompressed {
          guard position + 1 < level.segments.count else { return nil }
          let (first, last) = (level.segments[position], level.segments[position + 1])
          guard first >= 0, first <= last, last <= level.indices.count else { return nil }
          for index in first..<last {
            nextPlaces.append(place + level.indices[index] * level.step * strides[level.axis])
            nextPositions.append(index)
          }
        } else {
          for index in 0..<level.size {
            nextPlaces.append(place + index * level.step * strides[level.axis])
            nextPositions.append(position * level.size + index)
          }
        }
        guard nextPlaces.count <= type.shape.count else { return nil }
      }
      (places, positions) = (nextPlaces, nextPositions)
    }
    return places
  }

  /// The dense tensor for the stored elements' `bytes`; nil where there are too few or too many.
  func dense(_ bytes: UnsafeRawBufferPointer) -> Tensor? {
    let size = type.element.storageSize
    guard let places = places(), bytes.count == places.count * size else { return nil }
    let storage = Storage(byteCount: type.byteCount) { out in
      for (index, place) in places.enumerated() {
        let source = UnsafeRawBufferPointer(rebasing: bytes[(index * size)..<((index + 1) * size)])
        UnsafeMutableRawBufferPointer(rebasing: out[(place * size)..<((place + 1) * size)])
          .copyMemory(from: source)
      }
    }
    return Tensor(type, storage: storage)
  }
}
