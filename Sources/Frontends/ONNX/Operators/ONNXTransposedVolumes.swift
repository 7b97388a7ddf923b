import IR

extension GraphBuilder {
  /// NCDHW with `stride − 1` zeros between the elements of each of the three axes.
  func spreadVolume(_ x: Value, _ stride: [Int], _ node: SourceNodeReader) throws -> Value {
    var result = x
    for axis in stride.indices where stride[axis] > 1 {
      let extents = shape(result).dimensions
      guard extents[axis + 2] > 0 else { continue }
      var apart = extents
      apart.insert(1, at: axis + 3)
      var after = [Int](repeating: 0, count: apart.count)
      after[axis + 3] = stride[axis] - 1
      let padded = try emit(
        Pad(before: [Int](repeating: 0, count: apart.count), after: after),
        [try reshape(result, apart)])
      var joined = extents
      joined[axis + 2] *= stride[axis]
      var slice = Slice(start: [Int](repeating: 0, count: joined.count), size: joined)
      slice.size[axis + 2] -= stride[axis] - 1
      result = try self.slice(try reshape(padded, joined), slice, node)
    }
    return result
  }

  /// Weights [C, M/g, d, h, w] as [M, C/g, d, h, w] with the spatial axes reversed.
  func turnedVolume(_ weights: Value, _ groups: Int, _ node: SourceNodeReader) throws -> Value {
    let extents = shape(weights).dimensions
    guard groups >= 1, extents[0] % groups == 0 else {
      throw node.invalid("\(extents[0]) channels do not part into \(groups) groups")
    }
    let kernel = Array(extents[2...])
    let grouped = try reshape(weights, [groups, extents[0] / groups, extents[1]] + kernel)
    let moved = try transpose(grouped, [0, 2, 1, 3, 4, 5])
    let size = [groups * extents[1], extents[0] / groups] + kernel
    let reversed = Slice(
      start: [0, 0] + kernel.map { $0 - 1 }, size: size, stride: [1, 1, -1, -1, -1])
    return try emit(reversed, [try reshape(moved, size)])
  }
}

/// `ConvTranspose` over three spatial axes.
func importTransposedVolume(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> Value {
  let x = try graph.plain(try node.input(0))
  let weights = try graph.plain(try node.input(1))
  let (shape, filter) = (
    try graph.staticShape(x, "the input"), try graph.staticShape(weights, "the weights")
  )
  guard shape.dimensions.allSatisfy({ $0 <= 1 << 31 }) else {
    throw node.invalid("an input of shape \(shape)")
  }
  let groups = try node.attributes.int("group", default: 1)
  let axes = try TransposedAxes(
    node, kernel: Array(filter.dimensions[2...]), input: Array(shape.dimensions[2...]))
  let spread = try graph.spreadVolume(x, axes.stride, node)
  // A negative pad crops, which is what padding beyond the filter's reach comes to.
  let padded = try graph.emit(
    Pad(before: [0, 0] + axes.before, after: [0, 0] + axes.after), [spread])
  let window = VolumeWindow(
    kernel: Array(filter.dimensions[2...]), dilation: axes.dilation)
  return try graph.convolvedVolume(
    padded, try graph.turnedVolume(weights, groups, node),
    bias: try node.optional(2).map { try graph.plain($0) }, window, groups: groups, node)
}
