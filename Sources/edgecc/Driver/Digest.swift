import Crypto
import Frontends
import IR

/// SHA-256 digests as lower-case hexadecimal.
enum Digest {
  static func hex(of bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { hex(of: $0) }
  }

  static func hex(of bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return text(hash.finalize())
  }

  static func hex(of file: ModelFile) -> String {
    var hash = SHA256()
    file.scan { hash.update(bufferPointer: $0) }
    return text(hash.finalize())
  }

  /// The digest of tensors by type and value, whatever file or container they came from.
  static func hex(of samples: [[Tensor]]) -> String {
    var hash = SHA256()
    for sample in samples {
      for tensor in sample {
        hash.update(data: Array("\(tensor.type)\n".utf8))
        hash.update(bufferPointer: tensor.storage.bytes)
        for string in tensor.storage.strings { hash.update(data: Array(string.utf8) + [0]) }
      }
    }
    return text(hash.finalize())
  }

  private static func text(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    var result = ""
    for byte in digest {
      result.append(digits[Int(byte >> 4)])
      result.append(digits[Int(byte & 15)])
    }
    return result
  }
}
