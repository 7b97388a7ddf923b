import IR

extension NPULowering {
  mutating func lowerMovement(_ node: Node) throws {
    var inputs: [NPUOperand] = []
    for value in node.operands { inputs.append(try operand(value)) }
    let output = try result(node)
    let target = graph[node.results[0]].shape
    var copies: [NPULayerCopy] = []
    var fill: Int?
    switch node.operation {
    case let op as Concat:
      let axis: Int = op.axis < 0 ? op.axis + target.rank : op.axis
      var start: Int = 0
      for (index, value) in node.operands.enumerated() {
        let shape = graph[value].shape
        copies += try strided(
          index, shape.dimensions, shape.strides, target.strides, 0, start * target.strides[axis])
        start += shape[axis]
      }
    case let op as Slice:
      let source = graph[node.operands[0]].shape.strides
      let first: Int = zip(op.start, source).reduce(0) { $0 + $1.0 * $1.1 }
      let steps: [Int] = source.indices.map { source[$0] * op.step($0) }
      copies = try strided(0, target.dimensions, steps, target.strides, first, 0)
    case let op as Transpose:
      let source = graph[node.operands[0]].shape.strides
      let steps: [Int] = op.permutation.map { source[$0] }
      copies = try strided(0, target.dimensions, steps, target.strides, 0, 0)
    case let op as Pad:
      let type = graph[node.operands[0]]
      let first: Int = zip(op.before, target.strides).reduce(0) { $0 + $1.0 * $1.1 }
      copies = try strided(
        0, type.shape.dimensions, type.shape.strides, target.strides, 0, first)
      let filler = type.quantization?.store(op.value, as: .i8, .away) ?? 0
      fill = Int(UInt8(truncatingIfNeeded: filler))
    default: throw NPUFailure(reason: "no movement is known for it")
    }
    add(.copies(copies, fill: fill), inputs, output, node)
  }

  /// The DMA commands that copy a box of bytes between two stridings: neighbouring axes that stay
  /// neighbours are merged, the innermost becomes the run, two more the command's loops.
  private func strided(
    _ input: Int, _ extents: [Int], _ source: [Int], _ target: [Int], _ sourceOffset: Int,
    _ targetOffset: Int
  ) throws -> [NPULayerCopy] {
    var axes: [(extent: Int, source: Int, target: Int)] = []
    for index in extents.indices where extents[index] != 1 {
      let axis = (extent: extents[index], source: source[index], target: target[index])
      if let last = axes.last, last.source == axis.extent * axis.source,
        last.target == axis.extent * axis.target
      {
        axes[axes.count - 1] = (last.extent * axis.extent, axis.source, axis.target)
      } else {
        axes.append(axis)
      }
    }
    guard axes.allSatisfy({ $0.source >= 0 && $0.extent > 0 }) else {
      throw NPUFailure(reason: "elements move backwards")
    }
    var run: Int = 1
    if let last = axes.last, last.source == 1, last.target == 1 {
      run = last.extent
      axes.removeLast()
    }
    let row = axes.popLast() ?? (1, 0, 0)
    let plane = axes.popLast() ?? (1, 0, 0)
    guard row.0 <= 0xffff, plane.0 <= 0xffff, axes.map(\.extent).reduce(1, *) <= 1024 else {
      throw NPUFailure(reason: "the movement needs too many DMA commands")
    }
    var corners: [(Int, Int)] = [(sourceOffset, targetOffset)]
    for axis in axes {
      corners = corners.flatMap { corner in
        (0..<axis.extent).map { (corner.0 + $0 * axis.source, corner.1 + $0 * axis.target) }
      }
    }
    return corners.map { corner in
      NPULayerCopy(
        input: input, source: corner.0, destination: corner.1, planes: plane.0, rows: row.0,
        bytes: run, sourcePlane: plane.1, sourceRow: row.1, destinationPlane: plane.2,
        destinationRow: row.2)
    }
  }
}
