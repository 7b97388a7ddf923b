import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file's bytes, mapped for reading until the last reference goes.
///
/// `@unchecked Sendable` holds because the mapping is private and never written.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  /// - Throws: a `Diagnostic` saying why the file cannot be read.
  init(path: String) throws {
    // O_NONBLOCK, so that a pipe in place of a file is refused instead of waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw MappedFile.failure(path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw MappedFile.failure(path, String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw MappedFile.failure(path, "it is not a regular file")
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw MappedFile.failure(path, String(cString: strerror(errno))) }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// Lets the system take back the pages of `range`, an offset into the bytes; reading them again
  /// brings them back from the file.
  func release(_ range: Range<Int>) {
    guard let start = bytes.baseAddress else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = range.lowerBound / page * page
    let last = range.upperBound / page * page
    guard first < last else { return }
    madvise(UnsafeMutableRawPointer(mutating: start + first), last - first, MADV_DONTNEED)
  }

  private static func failure(_ path: String, _ reason: String) -> Diagnostic {
    .error("the file cannot be read: \(reason)", file: path)
  }
}

extension ModelFile {
  /// The file at `path`, mapped. Its bytes live as long as the value or its storage: hold one of
  /// them (`withExtendedLifetime`) while reading through the pointer.
  ///
  /// - Throws: a `Diagnostic` naming the file.
  public static func open(path: String) throws -> ModelFile {
    let file = try MappedFile(path: path)
    return ModelFile(path: path, storage: Storage(borrowing: file.bytes, alignment: 1, owner: file))
  }

  /// Calls `body` with all bytes, part after part, and keeps none of them in memory for it.
  public func scan(_ body: (UnsafeRawBufferPointer) -> Void) {
    let mapping = storage.owner as? MappedFile
    let part: Int = 8 << 20
    for start in stride(from: 0, to: bytes.count, by: part) {
      let range = start..<min(start + part, bytes.count)
      body(UnsafeRawBufferPointer(rebasing: bytes[range]))
      mapping?.release(range)
    }
  }
}
