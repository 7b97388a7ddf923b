/// A value at run time or a constant: a static type and the bytes, row-major and dense.
///
/// Copying a tensor shares its storage; the bytes never change after it is made.
public struct Tensor: Sendable {
  /// Static: every extent is known.
  public let type: TensorType
  public let storage: Storage

  /// - Requires: `type` is static and `storage` holds as many bytes as it needs.
  public init(_ type: TensorType, storage: Storage) {
    precondition(type.shape.isStatic, "a tensor's shape is static")
    let expected = type.byteCount
    let found = storage.byteCount
    precondition(found == expected, "\(found) bytes for \(type)")
    precondition(type.element != .string || storage.strings.count == type.shape.count)
    self.type = type
    self.storage = storage
  }

  public var shape: Shape { type.shape }
  public var element: ElementType { type.element }
  public var rank: Int { type.rank }
  public var count: Int { type.shape.count }

  /// The same bytes under another type of the same size.
  public func reinterpreted(as type: TensorType) -> Tensor { Tensor(type, storage: storage) }
}

// MARK: Making tensors

extension Tensor {
  /// A tensor of `T`'s element type, filled by `body`, which must set every element that is not 0.
  public static func make<T: Scalar>(
    _ shape: Shape, of: T.Type = T.self, _ body: (UnsafeMutableBufferPointer<T>) throws -> Void
  ) rethrows -> Tensor {
    try make(TensorType(T.elementType, shape), body)
  }

  /// A tensor of `type`, whose storage is seen as `T` by `body`.
  public static func make<T: BitwiseCopyable>(
    _ type: TensorType, _ body: (UnsafeMutableBufferPointer<T>) throws -> Void
  ) rethrows -> Tensor {
    let storage = try Storage(byteCount: type.byteCount) { raw in
      try body(raw.assumingMemoryBound(to: T.self))
    }
    return Tensor(type, storage: storage)
  }

  public init<T: Scalar>(_ shape: Shape, _ values: [T]) {
    precondition(values.count == shape.count, "\(values.count) values for \(shape)")
    self = Tensor.make(shape) { (out: UnsafeMutableBufferPointer<T>) in
      _ = out.update(fromContentsOf: values)
    }
  }

  public init<T: Scalar>(scalar value: T) { self.init(.scalar, [value]) }

  public init(_ shape: Shape, strings: [String]) {
    self.init(TensorType(.string, shape), storage: Storage(strings: strings))
  }

  /// A one-dimensional `i64` tensor.
  public init(integers: [Int]) { self.init([integers.count], integers.map { Int64($0) }) }
}

// MARK: Reading tensors

extension Tensor {
  /// The elements as `T`, which must be stored in `storageSize` bytes each.
  @inlinable
  public func withElements<T: BitwiseCopyable, R>(
    as: T.Type = T.self, _ body: (UnsafeBufferPointer<T>) throws -> R
  ) rethrows -> R {
    assert(element == .string || MemoryLayout<T>.size == element.storageSize)
    return try body(storage.bytes.assumingMemoryBound(to: T.self))
  }

  /// The elements as an array of `T`.
  public func array<T: Scalar>(of: T.Type = T.self) -> [T] {
    withElements { (elements: UnsafeBufferPointer<T>) in Array(elements) }
  }
}

extension Tensor: Hashable {
  /// Same type and same bytes.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.type == b.type else { return false }
    if a.storage === b.storage { return true }
    if a.element == .string { return a.storage.strings == b.storage.strings }
    return a.storage.unalignedBytes.elementsEqual(b.storage.unalignedBytes)
  }

  /// Hashes the type and a bounded prefix of the bytes, so that large weights stay cheap.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: storage.unalignedBytes.prefix(256)))
  }
}
