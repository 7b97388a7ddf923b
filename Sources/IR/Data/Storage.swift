/// The bytes of a tensor: immutable once made, shared by reference, freed with the last tensor.
///
/// `@unchecked Sendable` holds because nothing writes to the bytes after `init` returns.
public final class Storage: @unchecked Sendable {
  public let bytes: UnsafeRawBufferPointer
  /// The values of a `string` tensor; empty for every other type.
  public let strings: [String]
  private let owned: UnsafeMutableRawBufferPointer?
  private let owner: AnyObject?

  /// Bytes enough for every vector load of the interpreter's kernels.
  static let alignment: Int = 64

  /// Zeroed bytes that `fill` then sets.
  public init(byteCount: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(byteCount, 1), alignment: Storage.alignment)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let buffer = UnsafeMutableRawBufferPointer(rebasing: memory[0..<byteCount])
    do {
      try fill(buffer)
    } catch {
      memory.deallocate()
      throw error
    }
    owned = memory
    owner = nil
    bytes = UnsafeRawBufferPointer(buffer)
    strings = []
  }

  /// Borrows `bytes`, which `owner` keeps alive and unchanged. Copies only if they are not aligned
  /// to `alignment` bytes, which typed access needs.
  public convenience init(
    borrowing bytes: UnsafeRawBufferPointer, alignment: Int, owner: AnyObject
  ) {
    let address = bytes.baseAddress.map { UInt(bitPattern: $0) } ?? 0
    if address % UInt(alignment) == 0 {
      self.init(view: bytes, owner: owner)
    } else {
      self.init(byteCount: bytes.count) { $0.copyMemory(from: bytes) }
    }
  }

  private init(view: UnsafeRawBufferPointer, owner: AnyObject) {
    bytes = view
    self.owner = owner
    owned = nil
    strings = []
  }

  public init(strings: [String]) {
    self.strings = strings
    owned = nil
    owner = nil
    bytes = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  deinit { owned?.deallocate() }
}
