/// Reads a command stream file. Any malformed byte is an `NPUStreamError` with its offset; nothing
/// that a file contains can make it trap.
public struct NPUStreamDecoder {
  private let bytes: [UInt8]
  private let checksum = NPUChecksum()

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public func decode() throws -> NPUCommandStream {
    var stream = NPUCommandStream()
    let sections = try readHeader(&stream)
    func reader(_ section: NPUSection) throws -> NPUByteReader {
      guard let range = sections[section] else {
        throw NPUStreamError(offset: 0, reason: "section \(section) is missing")
      }
      return NPUByteReader(bytes, range)
    }
    var machine = try reader(.machine)
    stream.configurationText = try machine.readText()
    let relocations = try readCode(try reader(.code), &stream)
    var constants = try reader(.constants)
    stream.constants = try constants.readBytes(constants.remaining)
    var memory = try reader(.memory)
    stream.arenaBytes = try memory.read(.u32)
    stream.inputBytes = try memory.read(.u32)
    stream.outputBytes = try memory.read(.u32)
    stream.sramBytes = try memory.read(.u32)
    try readPorts(try reader(.ports), &stream)
    try checkRelocations(try reader(.relocations), relocations)
    try readDebug(try reader(.debug), &stream)
    return stream
  }

  private func readHeader(_ stream: inout NPUCommandStream) throws -> [NPUSection: Range<Int>] {
    var reader = NPUByteReader(bytes, 0..<bytes.count)
    guard try reader.readBytes(4) == NPUStreamEncoder.magic else {
      throw NPUStreamError(offset: 0, reason: "no ENPU magic")
    }
    let major = try reader.read(.u16)
    let minor = try reader.read(.u16)
    guard major == NPUCommandStream.major, minor <= NPUCommandStream.minor else {
      throw NPUStreamError(offset: 4, reason: "version \(major).\(minor) is not supported")
    }
    stream.configurationDigest = try reader.readWide()
    let count = try reader.read(.u32)
    let headerBytes = try reader.read(.u32)
    let fileBytes = try reader.read(.u32)
    let crc = try reader.read(.u32)
    let expected: Int = NPUStreamEncoder.fixedHeaderBytes
    guard count <= NPUSection.allCases.count,
      headerBytes == expected + count * NPUStreamEncoder.sectionEntryBytes,
      fileBytes == bytes.count, headerBytes <= fileBytes
    else {
      throw NPUStreamError(offset: 16, reason: "sizes in the header do not match the file")
    }
    var header = Array(bytes[0..<headerBytes])
    for index in 28..<32 { header[index] = 0 }
    guard Int(checksum(header)) == crc else {
      throw NPUStreamError(offset: 28, reason: "checksum of the header is wrong")
    }
    return try readSections(&reader, count: count, after: headerBytes)
  }

  private func readSections(
    _ reader: inout NPUByteReader, count: Int, after headerBytes: Int
  ) throws -> [NPUSection: Range<Int>] {
    var sections: [NPUSection: Range<Int>] = [:]
    var next: Int = headerBytes
    for _ in 0..<count {
      let entry: Int = reader.position
      let kind = try reader.read(.u32)
      let offset = try reader.read(.u32)
      let size = try reader.read(.u32)
      let crc = try reader.read(.u32)
      guard let section = NPUSection(rawValue: kind), sections[section] == nil else {
        throw NPUStreamError(offset: entry, reason: "section kind \(kind) is unknown or repeated")
      }
      guard offset >= next, offset + size <= bytes.count else {
        throw NPUStreamError(offset: entry, reason: "section \(section) is outside the file")
      }
      guard Int(checksum(bytes[offset..<(offset + size)])) == crc else {
        throw NPUStreamError(offset: offset, reason: "checksum of section \(section) is wrong")
      }
      guard bytes[next..<offset].allSatisfy({ $0 == 0 }) else {
        throw NPUStreamError(offset: next, reason: "padding is not zero")
      }
      sections[section] = offset..<(offset + size)
      next = offset + size
    }
    guard bytes[next...].allSatisfy({ $0 == 0 }) else {
      throw NPUStreamError(offset: next, reason: "padding is not zero")
    }
    return sections
  }

  private func readCode(
    _ reader: NPUByteReader, _ stream: inout NPUCommandStream
  ) throws -> [NPURelocation] {
    var visitor = NPUFieldDecoder(reader: reader)
    let base: Int = reader.position
    while !visitor.reader.isAtEnd {
      let start: Int = visitor.reader.position
      let code = try visitor.reader.read(.u8)
      let flags = try visitor.reader.read(.u8)
      let payload = try visitor.reader.read(.u16)
      let queue = try visitor.reader.read(.u8)
      let signal = try visitor.reader.read(.u8)
      let wait = try visitor.reader.read(.u8)
      let count = try visitor.reader.read(.u8)
      guard let opcode = NPUOpcode(rawValue: UInt8(code)), flags == 0 else {
        throw NPUStreamError(offset: start, reason: "unknown opcode \(code) with flags \(flags)")
      }
      guard queue < NPUQueue.allCases.count else {
        throw NPUStreamError(offset: start + 4, reason: "queue \(queue) does not exist")
      }
      let limit: Int = NPUConfiguration.semaphoreCount
      for (index, semaphore) in [signal, wait].enumerated()
      where semaphore >= limit && semaphore != 0xff {
        let reason: String = "semaphore \(semaphore) does not exist"
        throw NPUStreamError(offset: start + 5 + index, reason: reason)
      }
      let body: Int = visitor.reader.position
      let operation = try NPUOperation(opcode, reading: &visitor)
      guard visitor.reader.position - body == payload else {
        let reason: String = "payload of \(payload) bytes, \(opcode.mnemonic) has another size"
        throw NPUStreamError(offset: start + 2, reason: reason)
      }
      stream.instructions.append(
        NPUInstruction(
          operation, on: NPUQueue.allCases[queue], wait: wait == 0xff ? nil : wait, count: count,
          signal: signal == 0xff ? nil : signal))
    }
    return visitor.relocations.map {
      NPURelocation(codeOffset: $0.codeOffset - base, region: $0.region)
    }
  }

  private func readPorts(_ source: NPUByteReader, _ stream: inout NPUCommandStream) throws {
    var reader = source
    let count = try reader.read(.u16)
    for _ in 0..<count {
      let name = try reader.readText()
      let region = try reader.read(.u8)
      let element = try reader.read(.u8)
      let offset = try reader.read(.u32)
      let scale = try reader.read(.u32)
      let zeroPoint = try reader.read(.i32)
      let rank = try reader.read(.u8)
      var shape: [Int] = []
      for _ in 0..<rank { shape.append(try reader.read(.u32)) }
      var bytes: Int = 4
      for extent in shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
        guard !overflow, product < 1 << 40 else { throw reader.error("port \(name) is too large") }
        bytes = product
      }
      guard region == NPURegion.input.rawValue || region == NPURegion.output.rawValue,
        element < NPUElement.allCases.count
      else { throw reader.error("port \(name) has region \(region), element \(element)") }
      stream.ports.append(
        NPUPort(
          name: name, region: NPURegion.allCases[region], offset: offset,
          element: NPUElement.allCases[element], shape: shape,
          scale: Float(bitPattern: UInt32(scale)), zeroPoint: zeroPoint))
    }
  }

  private func checkRelocations(_ source: NPUByteReader, _ expected: [NPURelocation]) throws {
    var reader = source
    for relocation in expected {
      let offset = try reader.read(.u32)
      let region = try reader.read(.u32)
      guard offset == relocation.codeOffset, region == Int(relocation.region.rawValue) else {
        throw reader.error("relocation does not match the code")
      }
    }
    guard reader.isAtEnd else { throw reader.error("more relocations than addresses") }
  }

  private func readDebug(_ source: NPUByteReader, _ stream: inout NPUCommandStream) throws {
    var reader = source
    let count = try reader.read(.u32)
    var names: [String] = []
    for _ in 0..<count { names.append(try reader.readText()) }
    for index in stream.instructions.indices {
      let name = try reader.read(.u32)
      guard name < names.count else { throw reader.error("source \(name) of \(names.count)") }
      stream.instructions[index].source = names[name]
    }
  }
}

/// Reads a payload's fields, refusing values outside their limits.
struct NPUFieldDecoder: NPUFieldVisitor {
  var reader: NPUByteReader
  var relocations: [NPURelocation] = []
  private var region: NPURegion = .sram

  init(reader: NPUByteReader) { self.reader = reader }

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    let offset: Int = reader.position
    let number = try reader.read(width)
    guard limits.contains(number) else {
      throw NPUStreamError(offset: offset, reason: "field \(name) is \(number), not in \(limits)")
    }
    if name == "region" { region = NPURegion.allCases[number] }
    if name == "offset" || name == "address" {
      relocations.append(NPURelocation(codeOffset: offset, region: region))
    }
    value = number
  }

  mutating func enter(_ group: String) {}
  mutating func leave() {}
}
