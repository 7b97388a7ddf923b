import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The bytes of a tensor: immutable once made, shared by reference, freed with the last tensor.
///
/// `@unchecked Sendable` holds because nothing writes to the bytes after `init` returns, but for the
/// aligned copy, which a lock guards.
public final class Storage: @unchecked Sendable {
  /// The bytes where they were found, at any address.
  public let unalignedBytes: UnsafeRawBufferPointer
  /// The values of a `string` tensor; empty for every other type.
  public let strings: [String]
  /// What keeps borrowed bytes alive.
  public let owner: AnyObject?
  /// What `calloc` gave; nil where the bytes are borrowed.
  private let owned: UnsafeMutableRawPointer?
  private let isAligned: Bool
  /// Borrowed bytes as typed access needs them, made when first asked for: most weights of a model
  /// that is only imported and listed are never read.
  private let aligned = Mutex<Storage?>(nil)

  /// Bytes enough for every vector load of the interpreter's kernels.
  static let alignment: Int = 64

  /// The bytes, aligned for typed access.
  public var bytes: UnsafeRawBufferPointer { isAligned ? unalignedBytes : alignedCopy() }

  /// Zeroed bytes that `fill` then sets.
  public init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    // Large zeroed blocks come fresh from the system, which has cleared them already.
    guard let memory = calloc(1, byteCount + Storage.alignment) else {
      fatalError("no memory for \(byteCount) bytes")
    }
    let start = memory.alignedUp(toMultipleOf: Storage.alignment)
    Storage.askForLargePages(start, byteCount)
    let buffer = UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    do {
      try fill(buffer)
    } catch {
      free(memory)
      throw error
    }
    owned = memory
    owner = nil
    isAligned = true
    unalignedBytes = UnsafeRawBufferPointer(buffer)
    strings = []
  }

  /// Borrows `bytes`, which `owner` keeps alive and unchanged.
  ///
  /// - Parameter alignment: what typed access needs, in bytes.
  public init(borrowing bytes: UnsafeRawBufferPointer, alignment: Int, owner: AnyObject) {
    let address = bytes.baseAddress.map { UInt(bitPattern: $0) } ?? 0
    isAligned = address % UInt(alignment) == 0
    unalignedBytes = bytes
    self.owner = owner
    owned = nil
    strings = []
  }

  public init(strings: [String]) {
    self.strings = strings
    owned = nil
    owner = nil
    isAligned = true
    unalignedBytes = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// Half a gigabyte costs a hundred thousand page faults in small pages.
  private static func askForLargePages(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
    #if os(Linux)
      let large: Int = 2 << 20
      guard byteCount >= 2 * large else { return }
      madvise(start.alignedUp(toMultipleOf: large), byteCount - large, MADV_HUGEPAGE)
    #endif
  }

  private func alignedCopy() -> UnsafeRawBufferPointer {
    aligned.withLock { copy in
      let made = copy ?? Storage(byteCount: unalignedBytes.count) { [unalignedBytes] in
        $0.copyMemory(from: unalignedBytes)
      }
      copy = made
      return made.unalignedBytes
    }
  }

  deinit { free(owned) }
}
