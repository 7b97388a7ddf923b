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
  /// How many bytes there are, or will be when they are first read.
  public let byteCount: Int
  /// The bytes where they were found; empty where they are made when they are first read.
  private let found: UnsafeRawBufferPointer
  /// The values of a `string` tensor; empty for every other type.
  public let strings: [String]
  /// What keeps borrowed bytes alive.
  public let owner: AnyObject?
  /// What `calloc` gave; nil where the bytes are borrowed.
  private let owned: UnsafeMutableRawPointer?
  private let isAligned: Bool
  /// Makes the bytes that are not there yet.
  private let deferred: (@Sendable () -> Storage)?
  /// Bytes as typed access needs them, made when first asked for: most weights of a model that is
  /// only imported and listed are never read.
  private let made = Mutex<Storage?>(nil)

  /// Bytes enough for every vector load of the interpreter's kernels.
  static let alignment: Int = 64

  /// The bytes, aligned for typed access.
  public var bytes: UnsafeRawBufferPointer { isAligned ? found : alignedCopy() }

  /// The bytes at any address.
  public var unalignedBytes: UnsafeRawBufferPointer { deferred == nil ? found : alignedCopy() }

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
    deferred = nil
    isAligned = true
    found = UnsafeRawBufferPointer(buffer)
    self.byteCount = byteCount
    strings = []
  }

  /// The bytes that `make` gives, which is called when they are first read, and at most once.
  ///
  /// - Requires: `make` gives `byteCount` bytes.
  public init(byteCount: Int, whenRead make: @escaping @Sendable () -> Storage) {
    owned = nil
    owner = nil
    deferred = make
    isAligned = false
    found = UnsafeRawBufferPointer(start: nil, count: 0)
    self.byteCount = byteCount
    strings = []
  }

  /// Borrows `bytes`, which `owner` keeps alive and unchanged.
  ///
  /// - Parameter alignment: what typed access needs, in bytes.
  public init(borrowing bytes: UnsafeRawBufferPointer, alignment: Int, owner: AnyObject) {
    let address = bytes.baseAddress.map { UInt(bitPattern: $0) } ?? 0
    isAligned = address % UInt(alignment) == 0
    found = bytes
    byteCount = bytes.count
    self.owner = owner
    owned = nil
    deferred = nil
    strings = []
  }

  public init(strings: [String]) {
    self.strings = strings
    owned = nil
    owner = nil
    deferred = nil
    isAligned = true
    found = UnsafeRawBufferPointer(start: nil, count: 0)
    byteCount = 0
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
    made.withLock { known in
      let storage = known ?? deferred?() ?? copy()
      known = storage
      return storage.bytes
    }
  }

  private func copy() -> Storage {
    Storage(byteCount: byteCount) { [found] in $0.copyMemory(from: found) }
  }

  deinit { free(owned) }
}
