import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes `bytes` to the file at `path`, replacing what is there.
///
/// - Throws: a `Diagnostic` naming the file.
func writeFile(_ bytes: [UInt8], to path: String) throws {
  guard let file = fopen(path, "wb") else {
    throw Diagnostic.error("the file cannot be written: \(String(cString: strerror(errno)))", file: path)
  }
  let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
  guard fclose(file) == 0, written == bytes.count else {
    throw Diagnostic.error("the file could not be written whole", file: path)
  }
}
