import IR

/// A convolution with a window and weights that it may get smaller ones for.
protocol CroppableFilter: Operation {
  var stride: [Int] { get }
  var pad: [Int] { get set }
  var dilation: [Int] { get }
  var readsNHWC: Bool { get }
}

extension Conv2D: CroppableFilter {
  var readsNHWC: Bool { inputLayout == .nhwc && resultLayout == .nhwc }
}
extension DepthwiseConv2D: CroppableFilter {
  var readsNHWC: Bool { true }
}

/// Outer rows and columns of a filter that are zero, or that meet nothing but padding, go.
///
/// ```
/// %0 = conv2d(%x, @w) {pad = [1, 1, 1, 1]}             %0 = conv2d(%x, @w') : …
///      : from tensor<1x1x1x8xf32>, w 16x3x3x8     →         w' 16x1x1x8
/// ```
struct CropFilter<Product: CroppableFilter>: Pattern {
  static var name: String { "crop-filter-of-\(Product.mnemonic)" }

  func rewrite(_ root: Product, _ id: OperationID, _ rewriter: inout Rewriter) throws -> Bool {
    let graph = rewriter.graph
    let node = graph[id]
    guard root.readsNHWC, let weights = graph.constant(node.operands[1]), weights.rank == 4 else {
      return false
    }
    let (image, result) = (graph[node.operands[0]].shape, graph[node.results[0]].shape)
    let used = usedTaps(weights)
    let crops = (0..<2).map { axis in
      crop(root, axis, used[axis], input: image[axis + 1], output: result[axis + 1])
    }
    guard crops.contains(where: { $0.front + $0.back > 0 }) else { return false }
    var start = [0, 0, 0, 0]
    var size = weights.shape.dimensions
    var cropped = root
    for (axis, crop) in crops.enumerated() {
      start[axis + 1] = crop.front
      size[axis + 1] -= crop.front + crop.back
      cropped.pad[2 * axis] -= crop.front * root.dilation[axis]
      cropped.pad[2 * axis + 1] -= crop.back * root.dilation[axis]
    }
    let slice = Slice(start: start, size: size, stride: [1, 1, 1, 1])
    let type = try slice.infer(OperandTypes([weights.type]))[0]
    let kept = try slice.evaluate([weights], EvaluationContext(resultTypes: [type]))[0]
    let constant = rewriter.constant(kept, name: graph.name(of: node.operands[1]))
    let value = try rewriter.insertOne(
      cropped, [node.operands[0], constant] + node.operands.dropFirst(2),
      quantization: graph[node.results[0]].quantization, before: id, at: node.location)
    rewriter.replace(id, with: [value])
    return true
  }

  /// How many taps can go in front and behind along one axis. One stays, and padding is not
  /// negative.
  private func crop(
    _ root: Product, _ axis: Int, _ used: [Bool], input: Int, output: Int
  ) -> (front: Int, back: Int) {
    let (front, back) = (root.pad[2 * axis], root.pad[2 * axis + 1])
    let step = root.dilation[axis]
    let isNeeded = used.indices.map { tap -> Bool in
      used[tap] && sees(root, axis, tap, input, output)
    }
    let first = isNeeded.firstIndex(of: true) ?? 0
    let last = isNeeded.lastIndex(of: true) ?? first
    let behind = min(used.count - 1 - last, back / step)
    return (min(first, front / step), behind)
  }

  /// Whether a tap meets the image at any output; unknown extents count as met.
  private func sees(_ root: Product, _ axis: Int, _ tap: Int, _ input: Int, _ output: Int) -> Bool {
    guard input != Shape.unknown, output != Shape.unknown else { return true }
    let offset = tap * root.dilation[axis] - root.pad[2 * axis]
    return (0..<output).contains { (0..<input).contains($0 * root.stride[axis] + offset) }
  }

  /// By spatial axis, whether any weight of that row or column is not zero.
  private func usedTaps(_ weights: Tensor) -> [[Bool]] {
    let (rows, columns, depth) = (weights.shape[1], weights.shape[2], weights.shape[3])
    var used = [
      [Bool](repeating: false, count: rows), [Bool](repeating: false, count: columns),
    ]
    guard rows * columns > 1 else { return used }
    var missing = rows + columns
    _ = weights.allNonZero { offset in
      for (axis, tap) in [offset / (depth * columns) % rows, offset / depth % columns].enumerated()
      where !used[axis][tap] {
        used[axis][tap] = true
        missing -= 1
      }
      return missing > 0
    }
    return used
  }
}
