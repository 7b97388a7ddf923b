/// Writes a command stream as a file (`Docs/npu.md`, "The file").
public struct NPUStreamEncoder {
  static let magic: [UInt8] = Array("ENPU".utf8)
  static let fixedHeaderBytes: Int = 32
  static let sectionEntryBytes: Int = 16

  private let stream: NPUCommandStream
  private let checksum = NPUChecksum()

  public init(_ stream: NPUCommandStream) { self.stream = stream }

  /// Throws `NPUStreamError` if a field does not fit its width.
  public func encode() throws -> [UInt8] {
    let (code, relocations) = try encodeCode()
    let bodies: [(NPUSection, [UInt8])] = [
      (.machine, try encodeMachine()), (.code, code), (.constants, stream.constants),
      (.memory, try encodeMemory()), (.ports, try encodePorts()),
      (.relocations, try encodeRelocations(relocations)), (.debug, try encodeDebug()),
    ]
    let headerBytes: Int = Self.fixedHeaderBytes + bodies.count * Self.sectionEntryBytes
    var table = NPUByteWriter()
    var body = NPUByteWriter()
    for (section, bytes) in bodies {
      try table.write(section.rawValue, .u32)
      try table.write(headerBytes + body.bytes.count, .u32)
      try table.write(bytes.count, .u32)
      try table.write(Int(checksum(bytes)), .u32)
      body.write(bytes)
      body.align(to: 16)
    }
    var file = NPUByteWriter()
    file.write(Self.magic)
    try file.write(NPUCommandStream.major, .u16)
    try file.write(NPUCommandStream.minor, .u16)
    file.write(stream.configurationDigest)
    try file.write(bodies.count, .u32)
    try file.write(headerBytes, .u32)
    try file.write(headerBytes + body.bytes.count, .u32)
    try file.write(0, .u32)
    file.write(table.bytes)
    file.overwrite(at: 28, with: checksum(file.bytes))
    file.write(body.bytes)
    return file.bytes
  }

  private func encodeMachine() throws -> [UInt8] {
    var writer = NPUByteWriter()
    try writer.write(stream.configurationText)
    return writer.bytes
  }

  private func encodeCode() throws -> ([UInt8], [NPURelocation]) {
    var visitor = NPUFieldEncoder()
    for instruction in stream.instructions {
      try visitor.writer.write(Int(instruction.operation.opcode.rawValue), .u8)
      try visitor.writer.write(0, .u8)
      try visitor.writer.write(instruction.payloadBytes, .u16)
      try visitor.writer.write(Int(instruction.queue.rawValue), .u8)
      try visitor.writer.write(instruction.signal ?? 0xff, .u8)
      try visitor.writer.write(instruction.wait ?? 0xff, .u8)
      try visitor.writer.write(instruction.count, .u8)
      try instruction.operation.visit(&visitor)
    }
    return (visitor.writer.bytes, visitor.relocations)
  }

  private func encodeMemory() throws -> [UInt8] {
    var writer = NPUByteWriter()
    for bytes in [stream.arenaBytes, stream.inputBytes, stream.outputBytes, stream.sramBytes] {
      try writer.write(bytes, .u32)
    }
    return writer.bytes
  }

  private func encodePorts() throws -> [UInt8] {
    var writer = NPUByteWriter()
    try writer.write(stream.ports.count, .u16)
    for port in stream.ports {
      try writer.write(port.name)
      try writer.write(Int(port.region.rawValue), .u8)
      try writer.write(Int(port.element.rawValue), .u8)
      try writer.write(port.offset, .u32)
      try writer.write(Int(port.scale.bitPattern), .u32)
      try writer.write(port.zeroPoint, .i32)
      try writer.write(port.shape.count, .u8)
      for extent in port.shape { try writer.write(extent, .u32) }
    }
    return writer.bytes
  }

  private func encodeRelocations(_ relocations: [NPURelocation]) throws -> [UInt8] {
    var writer = NPUByteWriter()
    for relocation in relocations {
      try writer.write(relocation.codeOffset, .u32)
      try writer.write(Int(relocation.region.rawValue), .u32)
    }
    return writer.bytes
  }

  /// The distinct source names, then one index per instruction.
  private func encodeDebug() throws -> [UInt8] {
    var names: [String] = []
    var indices: [String: Int] = [:]
    for instruction in stream.instructions where indices[instruction.source] == nil {
      indices[instruction.source] = names.count
      names.append(instruction.source)
    }
    var writer = NPUByteWriter()
    try writer.write(names.count, .u32)
    for name in names { try writer.write(name) }
    for instruction in stream.instructions {
      try writer.write(indices[instruction.source] ?? 0, .u32)
    }
    return writer.bytes
  }
}

/// Writes a payload's fields and notes which of them are addresses.
struct NPUFieldEncoder: NPUFieldVisitor {
  var writer = NPUByteWriter()
  var relocations: [NPURelocation] = []
  private var region: NPURegion = .sram

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    guard limits.contains(value) else {
      let offset = writer.bytes.count
      throw NPUStreamError(offset: offset, reason: "field \(name) is \(value), not in \(limits)")
    }
    if name == "region" { region = NPURegion.allCases[value] }
    if name == "offset" || name == "address" {
      relocations.append(NPURelocation(codeOffset: writer.bytes.count, region: region))
    }
    try writer.write(value, width)
  }

  mutating func enter(_ group: String) {}
  mutating func leave() {}
}
