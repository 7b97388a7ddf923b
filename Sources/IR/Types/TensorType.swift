/// The type of a value: element type, extents, and how integers stand for reals where they do.
///
/// Prints as `tensor<1x49x10x64xi8, scale=0.1, zp=-5>`.
public struct TensorType: Hashable, Sendable {
  public var element: ElementType
  public var shape: Shape
  /// nil for a tensor whose elements mean themselves.
  public var quantization: Quantization?

  public init(_ element: ElementType, _ shape: Shape, _ quantization: Quantization? = nil) {
    self.element = element
    self.shape = shape
    self.quantization = quantization
  }

  public var isQuantized: Bool { quantization != nil }
  public var rank: Int { shape.rank }

  /// Bytes in memory. Requires a static shape.
  public var byteCount: Int { shape.count * element.storageSize }

  /// The same type with another shape; per-axis parameters that would lose their axis are kept, the
  /// verifier tells.
  public func with(shape: Shape) -> TensorType { TensorType(element, shape, quantization) }
  /// The same shape with another element type and no quantisation.
  public func with(element: ElementType) -> TensorType { TensorType(element, shape) }
  /// The same type under other quantisation parameters.
  public func with(quantization: Quantization?) -> TensorType {
    TensorType(element, shape, quantization)
  }

  /// Whether a value of type `other` may stand where this type is declared.
  public func isCompatible(with other: TensorType) -> Bool {
    element == other.element && quantization == other.quantization
      && shape.isCompatible(with: other.shape)
  }
}

extension TensorType: CustomStringConvertible {
  public var description: String {
    var text = "tensor<"
    for extent in shape.dimensions {
      text += extent == Shape.unknown ? "?x" : "\(extent)x"
    }
    text += element.rawValue
    if let quantization { text += quantization.suffix }
    return text + ">"
  }
}

extension Quantization {
  fileprivate var suffix: String {
    guard let axis else { return ", scale=\(scale), zp=\(zeroPoint)" }
    var text = ", axis=\(axis), scale=[" + scales.map { "\($0)" }.joined(separator: ", ") + "]"
    if zeroPoints.contains(where: { $0 != 0 }) {
      text += ", zp=[" + zeroPoints.map { "\($0)" }.joined(separator: ", ") + "]"
    }
    return text
  }
}
