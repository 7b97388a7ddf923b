import IR

/// One axis of a `Resize`.
///
/// Source: ONNX `Operators.md`, `Resize`, `coordinate_transformation_mode`.
struct ResizeAxis {
  let axis: Int
  let input: Int
  let output: Int
  let scale: Double
  let region: (start: Double, end: Double)

  /// - Parameter output: nil where the scale decides.
  init(
    _ node: SourceNodeReader, axis: Int, input: Int, output: Int? = nil, scale: Double,
    region: (Double, Double) = (0, 1)
  ) throws {
    let extent = output.map { Double($0) }
      ?? (Double(input) * (region.1 - region.0) * scale).rounded(.down)
    guard scale.isFinite, scale > 0, extent >= 0, extent <= Double(1 << 24), input > 0 else {
      throw node.invalid("cannot scale an axis of \(input) by \(scale)")
    }
    self.axis = axis
    self.input = input
    self.output = Int(extent)
    self.scale = scale
    self.region = region
  }

  var isIdentity: Bool { scale == 1 && input == output }

  /// Where result `index` lies in the operand.
  private func position(_ index: Int, _ sampling: ResizeSampling) -> Double {
    // The width before it was cut to whole elements.
    let (i, length, width) = (Double(index), Double(input), Double(input) * scale)
    switch sampling.coordinates {
    case "asymmetric": return i / scale
    case "align_corners": return output == 1 ? 0 : i * (length - 1) / (width - 1)
    case "pytorch_half_pixel": return output > 1 ? (i + 0.5) / scale - 0.5 : 0
    case "half_pixel_symmetric":
      let adjustment = Double(output) / width
      return length / 2 * (1 - adjustment) + (i + 0.5) / scale - 0.5
    case "tf_crop_and_resize":
      if output == 1 { return 0.5 * (region.start + region.end) * (length - 1) }
      let step = (region.end - region.start) * (length - 1) / (Double(output) - 1)
      return region.start * (length - 1) + i * step
    default: return (i + 0.5) / scale - 0.5
    }
  }

  /// The results that lie outside the operand, as a mask to broadcast; nil where none does.
  func outside(_ graph: GraphBuilder, _ sampling: ResizeSampling, rank: Int) throws -> Value? {
    let mask = (0..<output).map { index -> Int in
      let place = position(index, sampling)
      return place < 0 || place > Double(input - 1) ? 1 : 0
    }
    guard mask.contains(1) else { return nil }
    var shape = [Int](repeating: 1, count: rank)
    shape[axis] = output
    return graph.constant(Tensor.from(integers: mask, .bool, Shape(shape)))
  }

  func gather(
    _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ sampling: ResizeSampling
  ) throws -> Value {
    let indices = try (0..<output).map { index in
      min(max(try sampling.nearestIndex(position(index, sampling), node), 0), input - 1)
    }
    return try graph.emit(Gather(axis: axis), [x, graph.constant(Tensor(integers: indices))])
  }

  func interpolate(
    _ node: SourceNodeReader, _ graph: GraphBuilder, _ x: Value, _ sampling: ResizeSampling
  ) throws -> Value {
    guard graph.type(x).element.isFloat else {
      throw node.unsupported("interpolation of \(graph.type(x)) is not supported, only of floats")
    }
    guard input * output <= GraphBuilder.tableLimit / 16 else {
      throw node.unsupported("an axis of \(input) resized to \(output) is too large")
    }
    let weights = graph.constant(
      Tensor.from(doubles: matrix(sampling), graph.type(x).element, [input, output]))
    let rank = graph.shape(x).rank
    var order = Array(0..<rank)
    order.swapAt(axis, rank - 1)
    let last = try graph.transpose(x, order)
    return try graph.transpose(try graph.emit(MatMul(), [last, weights]), order)
  }

  /// `[input, output]`: column by column the weights of a result. Neighbours beyond the edge count
  /// for the edge, or are left out.
  private func matrix(_ sampling: ResizeSampling) -> [Double] {
    var result = [Double](repeating: 0, count: input * output)
    for index in 0..<output {
      let (first, weights) = sampling.weights(at: position(index, sampling), scale: scale)
      var total: Double = 0
      for (offset, weight) in weights.enumerated() {
        let neighbour = first + offset
        let isInside = (0..<input).contains(neighbour)
        if sampling.excludesOutside && !isInside { continue }
        result[min(max(neighbour, 0), input - 1) * output + index] += weight
        total += weight
      }
      guard sampling.excludesOutside, total != 0 else { continue }
      for row in 0..<input { result[row * output + index] /= total }
    }
    return result
  }
}
