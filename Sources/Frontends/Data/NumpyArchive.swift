import CProto
import IR

/// Named arrays in NumPy's `.npz` format: a zip file of `.npy` members, stored or deflated.
///
/// Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3 (zip64).
public enum NumpyArchive {
  /// The arrays in the order of the archive's directory.
  ///
  /// - Throws: a `Diagnostic` without a file.
  public static func read(
    _ bytes: UnsafeRawBufferPointer, owner: AnyObject
  ) throws -> [(name: String, tensor: Tensor)] {
    let directory = try ZipDirectory(bytes)
    return try directory.members.map { member in
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      do {
        return (name, try read(member, directory, owner))
      } catch var diagnostic as Diagnostic {
        diagnostic.place = diagnostic.place ?? member.name
        throw diagnostic
      }
    }
  }

  private static func read(
    _ member: ZipDirectory.Member, _ directory: ZipDirectory, _ owner: AnyObject
  ) throws -> Tensor {
    let packed = try directory.data(of: member)
    switch member.method {
    case 0:
      guard packed.count == member.size, edgecc_crc32(packed.baseAddress, packed.count) == member.checksum
      else { throw Diagnostic.error("the archive is damaged: a checksum differs") }
      return try NumpyArray.read(packed, owner: owner)
    case 8:
      // Deflate cannot shrink below 1 : 1032, so a larger claim is a lie that would cost memory.
      guard member.size / 1040 <= packed.count else {
        throw Diagnostic.error("the archive is damaged: \(packed.count) bytes cannot hold \(member.size)")
      }
      let storage = try Storage(byteCount: member.size) { out in
        if let fault = edgecc_inflate(packed.baseAddress, packed.count, out.baseAddress, out.count) {
          throw Diagnostic.error("the archive is damaged: \(String(cString: fault))")
        }
      }
      guard edgecc_crc32(storage.bytes.baseAddress, storage.bytes.count) == member.checksum else {
        throw Diagnostic.error("the archive is damaged: a checksum differs")
      }
      return try NumpyArray.read(storage.bytes, owner: storage)
    default:
      throw Diagnostic.unsupported("compression method \(member.method) is not supported")
    }
  }

  /// The bytes of an archive with `arrays`, stored, with one fixed time stamp, so that equal arrays
  /// give equal files.
  ///
  /// - Throws: a `Diagnostic` for strings and for archives of 4 GB and more.
  public static func bytes(of arrays: [(name: String, tensor: Tensor)]) throws -> [UInt8] {
    var writer = ZipWriter()
    for (name, tensor) in arrays {
      try writer.append(name + ".npy", try NumpyArray.bytes(of: tensor))
    }
    return writer.finish()
  }

  /// Writes an archive to the file at `path`.
  ///
  /// - Throws: a `Diagnostic` naming the file.
  public static func write(_ arrays: [(name: String, tensor: Tensor)], to path: String) throws {
    do {
      try writeFile(try bytes(of: arrays), to: path)
    } catch let diagnostic as Diagnostic {
      throw diagnostic.inFile(path)
    }
  }
}
