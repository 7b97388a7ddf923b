/// `DMA1D`: copies a contiguous run of bytes.
public struct NPULinearCopy: NPUPayload {
  public var source: NPUAddress
  public var destination: NPUAddress
  public var bytes: Int

  public init(from source: NPUAddress, to destination: NPUAddress, bytes: Int) {
    self.source = source
    self.destination = destination
    self.bytes = bytes
  }

  public init() { self.init(from: NPUAddress(), to: NPUAddress(), bytes: 1) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("source", &source)
    try visitor.group("destination", &destination)
    try visitor.field("bytes", &bytes, .u32, 1...0x7fff_ffff)
  }
}

/// `DMA3D`: copies `planes × rows` runs of `bytes`, with a stride per dimension on each side.
public struct NPUStridedCopy: NPUPayload {
  public var source: NPUAddress
  public var destination: NPUAddress
  public var planes: Int
  public var rows: Int
  /// Bytes of one contiguous run.
  public var bytes: Int
  public var sourcePlane: Int
  public var sourceRow: Int
  public var destinationPlane: Int
  public var destinationRow: Int

  public init(
    from source: NPUAddress, to destination: NPUAddress, planes: Int, rows: Int, bytes: Int,
    sourcePlane: Int, sourceRow: Int, destinationPlane: Int, destinationRow: Int
  ) {
    self.source = source
    self.destination = destination
    self.planes = planes
    self.rows = rows
    self.bytes = bytes
    self.sourcePlane = sourcePlane
    self.sourceRow = sourceRow
    self.destinationPlane = destinationPlane
    self.destinationRow = destinationRow
  }

  public init() {
    self.init(
      from: NPUAddress(), to: NPUAddress(), planes: 1, rows: 1, bytes: 1, sourcePlane: 0,
      sourceRow: 0, destinationPlane: 0, destinationRow: 0)
  }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("source", &source)
    try visitor.group("destination", &destination)
    try visitor.field("planes", &planes, .u16, 1...0xffff)
    try visitor.field("rows", &rows, .u16, 1...0xffff)
    try visitor.field("bytes", &bytes, .u32, 1...0x7fff_ffff)
    try visitor.field("source.plane", &sourcePlane, .u32)
    try visitor.field("source.row", &sourceRow, .u32)
    try visitor.field("destination.plane", &destinationPlane, .u32)
    try visitor.field("destination.row", &destinationRow, .u32)
  }

  /// Bytes from the first to the last one touched, given the strides of one side.
  func span(plane: Int, row: Int) -> Int { (planes - 1) * plane + (rows - 1) * row + bytes }
}

/// `FILL`: writes one byte value over a run of bytes.
public struct NPUFill: NPUPayload {
  public var destination: NPUAddress
  public var bytes: Int
  public var value: Int

  public init(_ destination: NPUAddress, bytes: Int, value: Int) {
    self.destination = destination
    self.bytes = bytes
    self.value = value
  }

  public init() { self.init(NPUAddress(), bytes: 1, value: 0) }

  public mutating func visit<Visitor: NPUFieldVisitor>(_ visitor: inout Visitor) throws {
    try visitor.group("destination", &destination)
    try visitor.field("bytes", &bytes, .u32, 1...0x7fff_ffff)
    try visitor.field("value", &value, .u8)
    try visitor.reserved(.u8)
    try visitor.reserved(.u16)
  }
}
