import IR

// Reshapes that split axes go above transposes, those that merge axes go below: what is left between
// them is one transpose. The shuffle of channels in an NCHW model comes out as a split, a transpose
// and a merge of the last axis.

/// `reshape(transpose(x))` that only splits axes → `transpose(reshape(x))`
///
/// ```
/// %0 = transpose(%x) {permutation = [0, 2, 1]}        %0 = reshape(%x) {shape = [2, 5, 3, 4]}
/// %1 = reshape(%0) {shape = [2, 3, 4, 5]}         →   %1 = transpose(%0) {permutation = [0, 2, 3, 1]}
///      : from tensor<2x12x5xf32>
/// ```
struct SplitBeforeTranspose: Pattern {
  static let name = "split-before-transpose"

  func rewrite(_ root: Reshape, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let (turned, result) = (graph[node.operands[0]], graph[node.results[0]])
    guard let (movement, transpose) = graph.defining(node.operands[0], as: Transpose.self),
      graph.hasOneUse(node.operands[0]), turned.quantization?.axis == nil,
      let groups = AxisGroups(of: turned.shape, in: result.shape), result.rank > turned.rank
    else { return false }
    let source = graph[movement].operands[0]
    // Where each axis of the source is after the transpose.
    let places = transpose.inverse.permutation
    let shape = places.flatMap { groups.extents($0) }
    let starts = AxisGroups.starts(places.map { groups.ranges[$0].count })
    let order = transpose.permutation.flatMap { axis -> [Int] in
      let count = groups.ranges[places[axis]].count
      return Array(starts[axis]..<(starts[axis] + count))
    }
    let split = try rewriter.insertOne(
      Reshape(to: shape), [source], before: id, at: node.location)
    let value = try rewriter.insertOne(
      Transpose(order), [split], before: id, at: graph[movement].location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// `transpose(reshape(x))` whose reshape only merges axes → `reshape(transpose(x))`
struct MergeAfterTranspose: Pattern {
  static let name = "merge-after-transpose"

  func rewrite(_ root: Transpose, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    let merged = graph[node.operands[0]]
    guard let (movement, _) = graph.defining(node.operands[0], as: Reshape.self),
      graph.hasOneUse(node.operands[0]), merged.quantization?.axis == nil, !root.isIdentity
    else { return false }
    let source = graph[movement].operands[0]
    guard let groups = AxisGroups(of: merged.shape, in: graph[source].shape),
      graph[source].rank > merged.rank
    else { return false }
    let order = root.permutation.flatMap { Array(groups.ranges[$0]) }
    let turned = try rewriter.insertOne(
      Transpose(order), [source], before: id, at: node.location)
    let value = try rewriter.insertOne(
      Reshape(to: graph[node.results[0]].shape.dimensions), [turned], before: id,
      at: graph[movement].location)
    rewriter.replace(id, with: [value])
    return true
  }
}

/// Which axes of a finer shape each axis of a coarser one consists of.
struct AxisGroups {
  let ranges: [Range<Int>]
  private let finer: Shape

  /// nil where an axis of `coarser` is no run of axes of `finer`, or an extent is unknown or 0.
  init?(of coarser: Shape, in finer: Shape) {
    guard coarser.isStatic, finer.isStatic, !coarser.dimensions.contains(0),
      coarser.count == finer.count, coarser.rank > 0
    else { return nil }
    self.finer = finer
    var ranges: [Range<Int>] = []
    var next = 0
    for (axis, extent) in coarser.dimensions.enumerated() {
      let start = next
      var product = 1
      while next < finer.rank, product < extent || next == start {
        product *= finer[next]
        next += 1
      }
      guard product == extent else { return nil }
      // What is left behind the last axis are ones.
      if axis == coarser.rank - 1 { next = finer.rank }
      ranges.append(start..<next)
    }
    self.ranges = ranges
  }

  func extents(_ axis: Int) -> [Int] { ranges[axis].map { finer[$0] } }

  /// The first place of each of consecutive runs of these lengths.
  static func starts(_ lengths: [Int]) -> [Int] {
    var result: [Int] = []
    var next = 0
    for length in lengths {
      result.append(next)
      next += length
    }
    return result
  }
}
