/// Integer types of feature-map elements.
public enum NPUElement: UInt8, CaseIterable, Hashable, Sendable {
  case int8, int16, int32
  /// Only read and written by `RESCALE`, which brings it to int8 and back.
  case uint8

  public var bytes: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16: 2
    case .int32: 4
    }
  }
}

/// Describes a height × width × channels array in memory. Channels are contiguous; rows and pixels
/// have their own strides, so a slice of channels, a stripe of rows or a broadcast (stride 0) is a
/// descriptor and not a copy.
public struct NPUFeatureMap: NPUPayload {
  public var region: NPURegion
  public var element: NPUElement
  /// Rows of the ring buffer that holds the map, or 0 if all rows are kept.
  public var ringRows: Int
  /// Offset of the map (of the ring's first slot) in its region.
  public var address: Int
  public var height: Int
  public var width: Int
  public var channels: Int
  /// Bytes between rows, and between the pixels of a row.
  public var rowStride: Int
  public var pixelStride: Int
  /// The integer that stands for real zero; padding reads as this value.
  public var zeroPoint: Int
  /// The number of this map's first row, from which its place in the ring follows.
  public var firstRow: Int

  /// A dense map, or a stripe of one if `rowStride` and `pixelStride` are given.
  public init(
    _ region: NPURegion, _ address: Int, height: Int, width: Int, channels: Int,
    element: NPUElement = .int8, zeroPoint: Int = 0, rowStride: Int? = nil,
    pixelStride: Int? = nil, ringRows: Int = 0, firstRow: Int = 0
  ) {
    let pixel: Int = pixelStride ?? channels * element.bytes
    self.region = region
    self.element = element
    self.ringRows = ringRows
    self.address = address
    self.height = height
    self.width = width
    self.channels = channels
    self.rowStride = rowStride ?? pixel * width
    self.pixelStride = pixel
    self.zeroPoint = zeroPoint
    self.firstRow = firstRow
  }

  public init() { self.init(.sram, 0, height: 1, width: 1, channels: 1) }

  /// Largest dimensions and strides: products of them stay far inside 64 bits.
  public static let maximumChannels: Int = 1 << 20

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.choice("region", &region)
    try visitor.choice("element", &element)
    try visitor.field("ring", &ringRows, .u16)
    try visitor.field("address", &address, .u32)
    try visitor.field("height", &height, .u16, 1...0xffff)
    try visitor.field("width", &width, .u16, 1...0xffff)
    try visitor.field("channels", &channels, .u32, 1...Self.maximumChannels)
    try visitor.field("row", &rowStride, .u32)
    try visitor.field("pixel", &pixelStride, .u32)
    try visitor.field("zero", &zeroPoint, .i32)
    try visitor.field("first", &firstRow, .u32)
  }

  public var elementCount: Int { height * width * channels }

  /// Offset of a row in the region.
  @inlinable
  public func rowOffset(_ row: Int) -> Int {
    let slot: Int = ringRows > 0 ? (firstRow + row) % ringRows : row
    return address + slot * rowStride
  }

  /// All bytes between the first and the last one of the map.
  public var extent: NPUExtent {
    let rows: Int = ringRows > 0 ? ringRows : height
    let lastRow: Int = (width - 1) * pixelStride + channels * element.bytes
    let bytes: Int = (rows - 1) * rowStride + lastRow
    return NPUExtent(region: region, lower: address, upper: address + bytes)
  }

  /// Whether all elements lie one after another without gaps.
  public var isDense: Bool {
    ringRows == 0 && pixelStride == channels * element.bytes && rowStride == pixelStride * width
  }
}
