import Dispatch
import IR

/// The SHA-256 of a model file, computed beside the import where the file is large.
final class PendingDigest: @unchecked Sendable {
  // Written by one task before it leaves the group, read after the wait for it.
  private var digest: String = ""
  private let group = DispatchGroup()

  /// Bytes below which a thread costs more than it saves.
  private static let threshold: Int = 4 << 20

  init(_ file: ModelFile) {
    if file.bytes.count < PendingDigest.threshold {
      digest = Digest.hex(of: file)
    } else {
      DispatchQueue.global().async(group: group) { self.digest = Digest.hex(of: file) }
    }
  }

  /// Waits for the digest.
  var value: String {
    group.wait()
    return digest
  }
}
