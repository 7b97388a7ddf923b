/// A byte in one of the machine's regions.
public struct NPUAddress: NPUPayload {
  public var region: NPURegion
  /// Bytes from the base of the region.
  public var offset: Int

  public init(_ region: NPURegion, _ offset: Int) {
    self.region = region
    self.offset = offset
  }

  public init() { self.init(.sram, 0) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.choice("region", &region)
    try visitor.reserved(.u8)
    try visitor.reserved(.u16)
    try visitor.field("offset", &offset, .u32)
  }
}

/// A range of bytes in one region that an instruction reads or writes.
public struct NPUExtent: Hashable, Sendable {
  public var region: NPURegion
  /// Offset of the first byte.
  public var lower: Int
  /// Offset after the last byte.
  public var upper: Int

  public init(region: NPURegion, lower: Int, upper: Int) {
    self.region = region
    self.lower = lower
    self.upper = upper
  }

  public init(_ address: NPUAddress, bytes: Int) {
    self.init(region: address.region, lower: address.offset, upper: address.offset + bytes)
  }

  public func overlaps(_ other: NPUExtent) -> Bool {
    region == other.region && lower < other.upper && other.lower < upper
  }
}
