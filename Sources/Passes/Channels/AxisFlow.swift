import IR

/// Where the elements along one axis of an operand are in an operation's result.
enum AxisFlow: Hashable {
  /// Along this axis of the result, index for index, or as the part of it that a concatenation or a
  /// slice makes.
  case to(Int)
  /// Along one of these axes, as a reshape puts axes together or parts them.
  case reshaped([Int])
  /// Nowhere: a product sums over them.
  case summed
  /// The operand has one element along the axis that all of the result's share.
  case repeated
  /// Where each element depends on others.
  case mixed

  /// - Parameters:
  ///   - axis: of the operand, at least 0.
  ///   - place: of the operand.
  init(_ axis: Int, of place: Int, _ node: Node, _ graph: Graph) {
    guard node.regions.isEmpty, node.results.count == 1 else {
      self = .mixed
      return
    }
    let (operand, result) = (graph[node.operands[place]], graph[node.results[0]])
    self = AxisFlow.flow(axis, place, node, operand, result)
  }

  private static func flow(
    _ axis: Int, _ place: Int, _ node: Node, _ operand: TensorType, _ result: TensorType
  ) -> AxisFlow {
    let last = operand.rank - 1
    switch node.operation {
    case is Conv2D, is FullyConnected: return place == 0 && axis == last ? .summed : .mixed
    case is DepthwiseConv2D: return place == 0 && axis == last ? .to(last) : .mixed
    case is MatMul: return product(axis, place, operand, result)
    case is Attention: return axis < last - 1 ? aligned(axis, operand, result) : .mixed
    case let transpose as Transpose:
      return transpose.permutation.firstIndex(of: axis).map { .to($0) } ?? .mixed
    case is Reshape:
      let candidates = ReshapedAxis.candidates(for: axis, operand.shape, result.shape)
      return candidates.isEmpty ? .mixed : .reshaped(candidates)
    case is Concat: return .to(axis)
    case let slice as Slice:
      return slice.step(axis) == 1 && slice.size[axis] > 0 ? .to(axis) : .mixed
    case let pad as Pad: return pad.before[axis] == 0 && pad.after[axis] == 0 ? .to(axis) : .mixed
    case let mean as ReduceMean: return reduced(axis, mean.axes, mean.keepDimensions, operand.rank)
    case let sum as ReduceSum: return reduced(axis, sum.axes, sum.keepDimensions, operand.rank)
    case let most as ReduceMax: return reduced(axis, most.axes, most.keepDimensions, operand.rank)
    case let least as ReduceMin:
      return reduced(axis, least.axes, least.keepDimensions, operand.rank)
    case let softmax as Softmax: return axis == normalized(softmax.axis, operand) ? .mixed : .to(axis)
    case let norm as LayerNorm where place == 0:
      return axis < normalized(norm.axis, operand) ? .to(axis) : .mixed
    case is L2Normalize, is LogSoftmax: return axis == last ? .mixed : .to(axis)
    case is BatchNorm where place == 0: return .to(axis)
    case is MaxPool2D, is AveragePool2D, is ResizeBilinear: return axis == last ? .to(last) : .mixed
    case is Add, is Subtract, is Multiply, is Divide, is Maximum, is Minimum, is SquaredDifference,
      is Prelu, is Quantize, is Dequantize, is Rescale, is Table, is Cast, is BroadcastTo, is Select,
      is any PointwiseFunction:
      return aligned(axis, operand, result)
    default: return .mixed
    }
  }

  private static func normalized(_ axis: Int, _ type: TensorType) -> Int {
    axis < 0 ? axis + type.rank : axis
  }

  private static func reduced(
    _ axis: Int, _ axes: [Int], _ keepsDimensions: Bool, _ rank: Int
  ) -> AxisFlow {
    let folded = axes.map { $0 < 0 ? $0 + rank : $0 }
    if folded.contains(axis) { return .mixed }
    return .to(keepsDimensions ? axis : axis - folded.count { $0 < axis })
  }

  /// Axes of broadcast operands count from the end.
  private static func aligned(
    _ axis: Int, _ operand: TensorType, _ result: TensorType
  ) -> AxisFlow {
    let place = axis + result.rank - operand.rank
    guard place >= 0 else { return .mixed }
    if operand.shape[axis] == result.shape[place] { return .to(place) }
    return operand.shape[axis] == 1 ? .repeated : .mixed
  }

  /// Of a matrix product with leading axes: the second operand's columns are the result's.
  private static func product(
    _ axis: Int, _ place: Int, _ operand: TensorType, _ result: TensorType
  ) -> AxisFlow {
    guard operand.rank >= 2, result.rank >= 2 else { return .mixed }
    let last = operand.rank - 1
    if axis < last - 1 { return aligned(axis, operand, result) }
    if axis == (place == 0 ? last : last - 1) { return .summed }
    return place == 1 ? .to(result.rank - 1) : .mixed
  }
}

/// How the indices along one axis before a reshape belong to those along one axis behind it.
///
/// A reshape keeps the order of all elements. Axes fall into runs with the same number of elements
/// before and behind; within such a run an element at `f` has the index `f / stride % extent` along
/// an axis. Indices that meet in one element stand or fall together.
struct ReshapedAxis: Hashable {
  private struct Place: Hashable {
    let stride: Int
    let extent: Int
    func index(_ element: Int) -> Int { element / stride % extent }
  }

  private let before: Place
  private let behind: Place
  private let count: Int

  /// nil where the axes do not belong to one run of elements.
  init?(_ axis: Int, _ from: Shape, to target: Int, _ shape: Shape) {
    guard from.isStatic, shape.isStatic, let run = ReshapedAxis.run(axis, from, shape),
      run.behind.contains(target)
    else { return nil }
    count = from.dimensions[run.before].reduce(1, *)
    before = ReshapedAxis.place(axis, from, run.before)
    behind = ReshapedAxis.place(target, shape, run.behind)
    guard count > 0, count <= ReshapedAxis.longest else { return nil }
  }

  /// Longer runs are not followed.
  private static let longest: Int = 1 << 20

  private static func place(_ axis: Int, _ shape: Shape, _ run: Range<Int>) -> Place {
    let inner = shape.dimensions[(axis + 1)..<run.upperBound].reduce(1, *)
    return Place(stride: inner, extent: shape[axis])
  }

  /// The axes behind the reshape that hold the elements of `axis`; where it has one index alone, the
  /// last of those with one.
  static func candidates(for axis: Int, _ from: Shape, _ shape: Shape) -> [Int] {
    guard from.isStatic, shape.isStatic, from.count > 0, let run = run(axis, from, shape) else {
      return []
    }
    let wide = run.behind.filter { shape[$0] > 1 }
    if from[axis] > 1 { return wide }
    return run.behind.last { shape[$0] == 1 }.map { [$0] } ?? wide
  }

  /// The shortest run of axes around `axis` that ends where axes behind end.
  private static func run(
    _ axis: Int, _ from: Shape, _ shape: Shape
  ) -> (before: Range<Int>, behind: Range<Int>)? {
    var (i, j) = (0, 0)
    while i < from.rank {
      let (first, second) = (i, j)
      var (left, right) = (from[i], 1)
      i += 1
      // An axis of one index takes one with it.
      if left == 1, j < shape.rank, shape[j] == 1 { j += 1 }
      while left != right {
        if right < left {
          guard j < shape.rank else { return nil }
          right *= shape[j]
          j += 1
        } else {
          guard i < from.rank else { return nil }
          left *= from[i]
          i += 1
        }
      }
      if (first..<i).contains(axis) { return (first..<i, second..<j) }
    }
    return nil
  }

  /// Calls `body` with the indices, before and behind, that meet in an element.
  func forEachPair(_ body: (_ before: Int, _ behind: Int) -> Void) {
    if before == behind {
      for index in 0..<before.extent { body(index, index) }
      return
    }
    // Nothing changes within what both strides are multiples of.
    let step = greatestDivisor(before.stride, behind.stride)
    for element in Swift.stride(from: 0, to: count, by: step) {
      body(before.index(element), behind.index(element))
    }
  }

  private func greatestDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestDivisor(b, a % b)
  }
}
