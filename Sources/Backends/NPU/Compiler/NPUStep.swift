/// Part of a program before its buffers have addresses.
struct NPUStep {
  var queue: NPUQueue
  var source: String
  /// Buffers that the step reads or writes.
  var buffers: [Int]
  /// For a load that may happen early: the buffer it fills. It moves to the first moment at which
  /// its buffer has room.
  var fills: Int?
  /// The step after which a load finds its source complete; −1 if it is there from the start.
  var after: Int = -1
  /// Makes the operation once buffers have offsets in SRAM.
  var make: @Sendable (NPUBufferMap) -> NPUOperation
}

/// Where each buffer lies.
struct NPUBufferMap {
  var offsets: [Int]

  func address(_ buffer: Int, _ offset: Int = 0) -> NPUAddress {
    NPUAddress(.sram, offsets[buffer] + offset)
  }
}

/// A piece of on-chip memory with a lifetime.
struct NPUBuffer {
  var bytes: Int
  /// Steps during which it must not be overwritten beyond its last use: time for a copy out to
  /// overlap the next computation.
  var linger: Int = 0
}
