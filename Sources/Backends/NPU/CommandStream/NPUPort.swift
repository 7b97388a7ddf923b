/// One input or output of a stream: where its bytes lie and what they mean.
public struct NPUPort: Hashable, Sendable {
  public var name: String
  /// `.input` or `.output`.
  public var region: NPURegion
  public var offset: Int
  public var element: NPUElement
  public var shape: [Int]
  /// real = (stored − zeroPoint) · scale
  public var scale: Float
  public var zeroPoint: Int

  public init(
    name: String, region: NPURegion, offset: Int, element: NPUElement, shape: [Int], scale: Float,
    zeroPoint: Int
  ) {
    self.name = name
    self.region = region
    self.offset = offset
    self.element = element
    self.shape = shape
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  public var byteCount: Int { shape.reduce(element.bytes, *) }
}
