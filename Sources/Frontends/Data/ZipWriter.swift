import CProto
import IR

/// Writes a zip file of stored members, all of them stamped 1980-01-01.
///
/// Source: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
struct ZipWriter {
  private var file: [UInt8] = []
  private var directory: [UInt8] = []
  private var count: Int = 0

  /// - Throws: a `Diagnostic` where the archive would need zip64.
  mutating func append(_ name: String, _ contents: [UInt8]) throws {
    let nameBytes = Array(name.utf8)
    let limit = 1 << 31
    guard file.count + contents.count < limit, nameBytes.count < 65536, count < 65535 else {
      throw Diagnostic.unsupported("archives of 2 GB and more are not written")
    }
    let checksum = contents.withUnsafeBytes { edgecc_crc32($0.baseAddress, $0.count) }
    var common: [UInt8] = []
    // Version 2.0, no flags, stored, midnight of the first day that the format can express.
    ZipWriter.put(20, 2, &common)
    ZipWriter.put(0, 2, &common)
    ZipWriter.put(0, 2, &common)
    ZipWriter.put(0, 2, &common)
    ZipWriter.put(0x21, 2, &common)
    ZipWriter.put(Int(checksum), 4, &common)
    ZipWriter.put(contents.count, 4, &common)
    ZipWriter.put(contents.count, 4, &common)
    ZipWriter.put(nameBytes.count, 2, &common)
    ZipWriter.put(0, 2, &common)

    ZipWriter.put(0x0201_4B50, 4, &directory)
    ZipWriter.put(20, 2, &directory)
    directory += common
    // No comment, first disk, no attributes.
    ZipWriter.put(0, 2, &directory)
    ZipWriter.put(0, 2, &directory)
    ZipWriter.put(0, 2, &directory)
    ZipWriter.put(0, 4, &directory)
    ZipWriter.put(file.count, 4, &directory)
    directory += nameBytes

    ZipWriter.put(0x0403_4B50, 4, &file)
    file += common
    file += nameBytes
    file += contents
    count += 1
  }

  /// The whole file.
  consuming func finish() -> [UInt8] {
    let start = file.count
    file += directory
    ZipWriter.put(0x0605_4B50, 4, &file)
    ZipWriter.put(0, 4, &file)
    ZipWriter.put(count, 2, &file)
    ZipWriter.put(count, 2, &file)
    ZipWriter.put(directory.count, 4, &file)
    ZipWriter.put(start, 4, &file)
    ZipWriter.put(0, 2, &file)
    return file
  }

  private static func put(_ value: Int, _ width: Int, _ out: inout [UInt8]) {
    for index in 0..<width { out.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }
}
