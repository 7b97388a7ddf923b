/// How a kernel moves over an input: its size, steps, dilation, and the padding above and to the
/// left. Padding below and to the right follows from the output's size.
public struct NPUWindow: NPUPayload {
  public var height: Int
  public var width: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  public var top: Int
  public var left: Int

  public init(
    height: Int, width: Int, strideY: Int = 1, strideX: Int = 1, dilationY: Int = 1,
    dilationX: Int = 1, top: Int = 0, left: Int = 0
  ) {
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.top = top
    self.left = left
  }

  public init() { self.init(height: 1, width: 1) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.field("height", &height, .u16, 1...255)
    try visitor.field("width", &width, .u16, 1...255)
    try visitor.field("stride.y", &strideY, .u16, 1...255)
    try visitor.field("stride.x", &strideX, .u16, 1...255)
    try visitor.field("dilation.y", &dilationY, .u16, 1...255)
    try visitor.field("dilation.x", &dilationX, .u16, 1...255)
    try visitor.field("top", &top, .u16)
    try visitor.field("left", &left, .u16)
  }

  public var area: Int { height * width }

  /// The kernel rows that meet the input for output row `row`.
  @inlinable
  func rows(at row: Int, of inputHeight: Int) -> Range<Int> {
    Self.taps(row * strideY - top, height, dilationY, inputHeight)
  }

  /// The kernel columns that meet the input for output column `column`.
  @inlinable
  func columns(at column: Int, of inputWidth: Int) -> Range<Int> {
    Self.taps(column * strideX - left, width, dilationX, inputWidth)
  }

  /// Taps `k` in `0..<count` with `0 ≤ origin + k·step < limit`.
  @usableFromInline
  static func taps(_ origin: Int, _ count: Int, _ step: Int, _ limit: Int) -> Range<Int> {
    let first: Int = origin < 0 ? (-origin + step - 1) / step : 0
    let end: Int = origin < limit ? (limit - 1 - origin) / step + 1 : 0
    let lower: Int = min(first, count)
    return lower..<max(lower, min(end, count))
  }
}
