import IR

/// The directory at the end of a zip file.
///
/// Source: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
struct ZipDirectory {
  struct Member {
    let name: String
    /// 0 stored, 8 deflated.
    let method: Int
    let checksum: UInt32
    let packedSize: Int
    let size: Int
    let headerOffset: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var members: [Member] = []

  private static let damaged = Diagnostic.error("not a whole zip file: its directory is damaged")

  /// - Throws: a `Diagnostic` without a file.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    self.bytes = bytes
    guard let end = ZipDirectory.findEnd(bytes) else {
      throw Diagnostic.error("not a .npz file: it has no zip directory")
    }
    var count = try read(end + 10, 2)
    var offset = try read(end + 16, 4)
    if count == 0xFFFF || offset == 0xFFFF_FFFF {
      let locator = end - 20
      guard try read(locator, 4) == 0x0706_4B50 else { throw ZipDirectory.damaged }
      let wide = try read(locator + 8, 8)
      guard try read(wide, 4) == 0x0606_4B50 else { throw ZipDirectory.damaged }
      count = try read(wide + 32, 8)
      offset = try read(wide + 48, 8)
    }
    // A record has at least 46 bytes.
    guard count <= bytes.count / 46 else { throw ZipDirectory.damaged }
    for _ in 0..<count {
      let (member, next) = try readMember(offset)
      members.append(member)
      offset = next
    }
  }

  /// The end record is the last thing in the file, but for a comment.
  private static func findEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= 22 else { return nil }
    let signature: [UInt8] = [0x50, 0x4B, 5, 6]
    let earliest = max(0, bytes.count - 22 - 65535)
    for start in stride(from: bytes.count - 22, through: earliest, by: -1)
    where bytes[start..<(start + 4)].elementsEqual(signature) { return start }
    return nil
  }

  /// A little-endian number of `width` bytes.
  private func read(_ offset: Int, _ width: Int) throws -> Int {
    guard offset >= 0, offset <= bytes.count - width else { throw ZipDirectory.damaged }
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    guard value <= 1 << 62 else { throw ZipDirectory.damaged }
    return Int(value)
  }

  private func readMember(_ offset: Int) throws -> (Member, next: Int) {
    guard try read(offset, 4) == 0x0201_4B50 else { throw ZipDirectory.damaged }
    guard try read(offset + 8, 2) & 1 == 0 else {
      throw Diagnostic.unsupported("encrypted archives are not supported")
    }
    let nameLength = try read(offset + 28, 2)
    let extraLength = try read(offset + 30, 2)
    let commentLength = try read(offset + 32, 2)
    let nameStart = offset + 46
    let next = nameStart + nameLength + extraLength + commentLength
    guard next <= bytes.count else { throw ZipDirectory.damaged }
    var sizes = [
      try read(offset + 24, 4), try read(offset + 20, 4), try read(offset + 42, 4),
    ]
    try widen(&sizes, nameStart + nameLength, extraLength)
    let member = Member(
      name: String(decoding: bytes[nameStart..<(nameStart + nameLength)], as: UTF8.self),
      method: try read(offset + 10, 2), checksum: UInt32(try read(offset + 16, 4)),
      packedSize: sizes[1], size: sizes[0], headerOffset: sizes[2])
    return (member, next)
  }

  /// Replaces size, packed size and offset, where they are all ones, by those of the zip64 field.
  private func widen(_ sizes: inout [Int], _ start: Int, _ length: Int) throws {
    var offset = start
    while offset + 4 <= start + length {
      let (tag, size) = (try read(offset, 2), try read(offset + 2, 2))
      if tag == 1 {
        var field = offset + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard field + 8 <= offset + 4 + size else { throw ZipDirectory.damaged }
          sizes[index] = try read(field, 8)
          field += 8
        }
      }
      offset += 4 + size
    }
  }

  /// The member's bytes as they stand in the file.
  func data(of member: Member) throws -> UnsafeRawBufferPointer {
    guard try read(member.headerOffset, 4) == 0x0403_4B50 else { throw ZipDirectory.damaged }
    let start = member.headerOffset + 30 + (try read(member.headerOffset + 26, 2))
      + (try read(member.headerOffset + 28, 2))
    guard start <= bytes.count, member.packedSize <= bytes.count - start else {
      throw ZipDirectory.damaged
    }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + member.packedSize)])
  }
}
