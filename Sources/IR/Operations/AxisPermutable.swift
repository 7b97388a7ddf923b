/// An operation that a transpose can pass: doing it on transposed operands is doing another form of
/// it on the originals and transposing the result, `op(P x) = P′ op′(x)`.
///
/// Operands of lower rank are broadcast.
public protocol AxisPermutable: Operation {
  /// `op′` for `transpose` = P; nil where it cannot pass.
  func passing(_ transpose: Transpose) -> Self?
  /// P′, which is P unless the result has fewer axes than the operand.
  func resultOrder(_ transpose: Transpose) -> Transpose
}

extension AxisPermutable {
  public func resultOrder(_ transpose: Transpose) -> Transpose { transpose }
}

/// A function of each element alone, so that 256 results say all about it on 8-bit integers.
public protocol PointwiseFunction: Operation {}

extension Transpose {
  /// A list with one entry per axis of the transposed tensor, in the order of the original's axes.
  public func original<T>(_ list: [T]) -> [T] {
    guard list.count == permutation.count else { return list }
    var result = list
    for (place, axis) in permutation.enumerated() { result[axis] = list[place] }
    return result
  }

  /// The axis of the original that `axis` of the transposed tensor is; negative ones count from the
  /// end.
  public func original(axis: Int) -> Int {
    permutation[axis < 0 ? axis + permutation.count : axis]
  }
}

extension Clamp: AxisPermutable, PointwiseFunction {
  public func passing(_ transpose: Transpose) -> Clamp? { self }
}
extension Cast: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Cast? { self }
}
extension Quantize: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Quantize? { self }
}
extension Dequantize: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Dequantize? { self }
}
extension Rescale: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Rescale? { self }
}
extension Concat: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Concat? {
    Concat(axis: transpose.original(axis: axis))
  }
}
extension Softmax: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Softmax? {
    var copy = self
    copy.axis = transpose.original(axis: axis)
    return copy
  }
}
extension Slice: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Slice? {
    Slice(
      start: transpose.original(start), size: transpose.original(size),
      stride: transpose.original(stride))
  }
}
extension Pad: AxisPermutable {
  public func passing(_ transpose: Transpose) -> Pad? {
    var copy = self
    copy.before = transpose.original(before)
    copy.after = transpose.original(after)
    return copy
  }
}

/// A reduction whose axes can be renamed.
protocol AxisPermutableReduction: Reduction, AxisPermutable {
  var axes: [Int] { get set }
}

extension AxisPermutableReduction {
  public func passing(_ transpose: Transpose) -> Self? {
    var copy = self
    copy.axes = axes.map { transpose.original(axis: $0) }.sorted()
    return copy
  }

  /// Without the axes that are folded away, the others keep the order that P gives them.
  public func resultOrder(_ transpose: Transpose) -> Transpose {
    guard !keepDimensions else { return transpose }
    let folded = Set(axes.map { transpose.original(axis: $0) })
    let kept = transpose.permutation.filter { !folded.contains($0) }
    let ranks = kept.sorted()
    return Transpose(kept.compactMap { ranks.firstIndex(of: $0) })
  }
}

extension ReduceMean: AxisPermutableReduction {}
extension ReduceSum: AxisPermutableReduction {}
extension ReduceMax: AxisPermutableReduction {}
extension ReduceMin: AxisPermutableReduction {}
extension ReduceProduct: AxisPermutableReduction {}
