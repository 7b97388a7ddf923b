import IR

let resizingOperators: [OperatorEntry] = [
  OperatorEntry("RESIZE_BILINEAR", version: 4, 2) { call, graph in
    var operation = ResizeBilinear()
    operation.size = try graph.imageSize(call)
    operation.alignCorners = call.options.bool("align_corners")
    operation.halfPixelCenters = call.options.bool("half_pixel_centers")
    return [try graph.add(operation, [try graph.operand(0, call)], call)]
  },
  OperatorEntry("RESIZE_NEAREST_NEIGHBOR", version: 4, 2) { call, graph in
    let size = try graph.imageSize(call)
    var result = try graph.operand(0, call)
    for axis in 0..<2 {
      let input = graph.type(of: result).shape[axis + 1]
      let indices = call.nearestIndices(input: input, output: size[axis])
      if indices == Array(0..<input) { continue }
      let quantization = graph.type(of: result).quantization
      let places = graph.rewriter.constant(
        Tensor.from(integers: indices, .i32, [indices.count]))
      result = try graph.add(
        Gather(axis: axis + 1), [result, places], quantization: quantization, call)
    }
    return [result]
  },
]

extension GraphImporter {
  /// The height and width that operand 1 asks for.
  fileprivate mutating func imageSize(_ call: OperatorCall) throws -> [Int] {
    let size = try integers(1, call)
    let shape = type(of: try operand(0, call)).shape
    guard shape.rank == 4, size.count == 2, size.allSatisfy({ (1...(1 << 20)).contains($0) }),
      shape[1] > 0, shape[2] > 0
    else { throw Diagnostic.error("\(call.name) cannot make \(size) of [\(shape)]") }
    return size
  }
}

extension OperatorCall {
  /// For each result along an axis the pixel that is taken.
  /// Source: TFLite `reference/resize_nearest_neighbor.h`, in float32 as there.
  fileprivate func nearestIndices(input: Int, output: Int) -> [Int] {
    let (aligned, centred) = (options.bool("align_corners"), options.bool("half_pixel_centers"))
    let scale: Float =
      aligned && output > 1
      ? Float(input - 1) / Float(output - 1) : Float(input) / Float(output)
    return (0..<output).map { index in
      let place: Float = (Float(index) + (centred ? 0.5 : 0)) * scale
      let nearest = place.rounded(aligned ? .toNearestOrAwayFromZero : .down)
      return min(max(Int(nearest), 0), input - 1)
    }
  }
}
