/// The order of an image's axes in memory.
public enum ImageLayout: String, Hashable, Sendable, CaseIterable, AttributeConvertible {
  case nhwc, nchw

  /// The transpose that brings this layout to NHWC; nil where it is that.
  public var toNHWC: Transpose? { self == .nchw ? Transpose([0, 2, 3, 1]) : nil }
  /// The transpose that brings NHWC to this layout; nil where it is that.
  public var fromNHWC: Transpose? { self == .nchw ? Transpose([0, 3, 1, 2]) : nil }

  /// An image of this layout, seen in NHWC.
  public func nhwc(_ shape: Shape) -> Shape {
    toNHWC.map { Shape($0.permutation.map { shape[$0] }) } ?? shape
  }

  /// An NHWC image, seen in this layout.
  public func arranged(_ shape: Shape) -> Shape {
    fromNHWC.map { Shape($0.permutation.map { shape[$0] }) } ?? shape
  }
}

extension Transpose {
  /// The result of applying it to `tensor`.
  func applied(to tensor: Tensor) throws -> Tensor {
    let type = try infer(OperandTypes([tensor.type]))[0]
    return try evaluate([tensor], EvaluationContext(resultTypes: [type]))[0]
  }
}
