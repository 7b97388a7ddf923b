import IR

/// Index walks as the kernels take them: six extents, unused leading ones 1.
enum Geometry {
  static let rank: Int = 6

  /// One walk over several tensors: extents, and element strides for each tensor.
  struct Walk: Hashable {
    var extents: [Int]
    var strides: [[Int]]
  }

  /// `walk` without extents of 1 and with neighbouring axes joined where every tensor steps through
  /// both evenly; nil where more than six axes are left.
  static func merge(_ walk: Walk) -> Walk? {
    var extents: [Int] = []
    var strides: [[Int]] = walk.strides.map { _ in [] }
    for axis in walk.extents.indices where walk.extents[axis] != 1 {
      let joins = !extents.isEmpty && walk.strides.indices.allSatisfy { tensor in
        let outer: Int = strides[tensor][extents.count - 1]
        return outer == walk.strides[tensor][axis] * walk.extents[axis]
      }
      if joins {
        extents[extents.count - 1] *= walk.extents[axis]
        for tensor in strides.indices {
          strides[tensor][extents.count - 1] = walk.strides[tensor][axis]
        }
      } else {
        extents.append(walk.extents[axis])
        for tensor in strides.indices { strides[tensor].append(walk.strides[tensor][axis]) }
      }
    }
    guard extents.count <= rank else { return nil }
    return padded(Walk(extents: extents, strides: strides))
  }

  private static func padded(_ walk: Walk) -> Walk {
    let missing = rank - walk.extents.count
    // A single element still needs a last axis that steps by 1.
    return Walk(
      extents: [Int](repeating: 1, count: missing) + walk.extents,
      strides: walk.strides.map { strides in
        missing == rank
          ? [Int](repeating: 0, count: rank - 1) + [1]
          : [Int](repeating: 0, count: missing) + strides
      })
  }

  /// Strides of `shape` seen as `result` by broadcasting: 0 along an axis that repeats.
  static func broadcastStrides(_ shape: Shape, to result: Shape) -> [Int] {
    let offset = result.rank - shape.rank
    let dense = shape.strides
    return result.dimensions.indices.map { axis in
      guard axis >= offset, shape[axis - offset] != 1 else { return 0 }
      return dense[axis - offset]
    }
  }

  /// The walk of a binary element-wise operation.
  static func broadcast(_ a: Shape, _ b: Shape, to result: Shape) -> Walk? {
    let strides = [
      broadcastStrides(a, to: result), broadcastStrides(b, to: result), result.strides,
    ]
    return merge(Walk(extents: result.dimensions, strides: strides))
  }

  /// The three kept and three reduced axes of a reduction, as `edgecc_reduction` lists them; nil
  /// where there are more.
  static func reduction(_ shape: Shape, _ axes: [Int]) -> CInitializer? {
    let reduced = Set(axes.map { $0 < 0 ? $0 + shape.rank : $0 })
    let strides = shape.strides
    var runs: [(isReduced: Bool, extent: Int, stride: Int)] = []
    for axis in 0..<shape.rank where shape[axis] != 1 {
      let isReduced = reduced.contains(axis)
      if let last = runs.last, last.isReduced == isReduced {
        runs[runs.count - 1] = (isReduced, last.extent * shape[axis], strides[axis])
      } else {
        runs.append((isReduced, shape[axis], strides[axis]))
      }
    }
    let kept = runs.filter { !$0.isReduced }
    let folded = runs.filter { $0.isReduced }
    guard kept.count <= 3, folded.count <= 3 else { return nil }
    func column(_ values: [Int], _ filler: Int) -> CInitializer {
      .ints([Int](repeating: filler, count: 3 - values.count) + values)
    }
    return .fields([
      CField("kept", column(kept.map(\.extent), 1)),
      CField("kept_strides", column(kept.map(\.stride), 0)),
      CField("reduced", column(folded.map(\.extent), 1)),
      CField("reduced_strides", column(folded.map(\.stride), 0)),
    ])
  }
}
