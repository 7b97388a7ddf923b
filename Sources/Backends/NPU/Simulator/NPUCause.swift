/// What a queue does, or waits for, in a cycle. Every cycle of every queue has exactly one cause.
public enum NPUCause: String, CaseIterable, Hashable, Sendable {
  /// The array or the vector unit works at its own pace.
  case compute
  /// The array waits because results leave slower than the next tile is computed.
  case drain
  /// The array or the vector unit waits for operands from on-chip memory.
  case operandFetch
  /// Pipelines fill at the start of an operation.
  case fill
  /// The last tile leaves after its computation.
  case finalDrain
  /// Bytes cross the off-chip bus or are copied inside the chip.
  case transfer
  /// A transfer's data are ready and the bus is taken by another.
  case arbitration
  /// From a request to its first byte.
  case latency
  /// An instruction is fetched and decoded.
  case issue
  case waitForDMAIn
  case waitForDMAOut
  case waitForMAC
  case waitForVector
  /// At a `FENCE`, for the other queues.
  case fence
  /// After a queue's last instruction.
  case idle

  /// The cause of waiting for a semaphore raised by `queue`.
  static func waiting(for queue: NPUQueue) -> NPUCause {
    switch queue {
    case .dmaIn: .waitForDMAIn
    case .dmaOut: .waitForDMAOut
    case .mac: .waitForMAC
    case .vector: .waitForVector
    }
  }
}

/// A stretch of cycles `start..<end` with one cause.
public struct NPUSegment: Hashable, Sendable {
  public var cause: NPUCause
  public var start: Int
  public var end: Int

  public var cycles: Int { end - start }
}
