/// One command: an operation, the queue that runs it, and its synchronisation. It carries all it
/// needs; no instruction changes the meaning of a later one.
public struct NPUInstruction: Hashable, Sendable {
  public var operation: NPUOperation
  public var queue: NPUQueue
  /// Semaphore raised by one when the instruction has completed.
  public var signal: Int?
  /// Semaphore that must hold at least `count` before the instruction starts; `count` is taken.
  public var wait: Int?
  public var count: Int
  /// The source node(s), for disassembly and traces.
  public var source: String

  public init(
    _ operation: NPUOperation, on queue: NPUQueue, wait: Int? = nil, count: Int = 1,
    signal: Int? = nil, source: String = ""
  ) {
    self.operation = operation
    self.queue = queue
    self.wait = wait
    self.count = count
    self.signal = signal
    self.source = source
  }

  /// Bytes of the encoded header.
  public static let headerBytes: Int = 8

  /// Bytes of the encoded payload.
  public var payloadBytes: Int {
    var counter = NPUFieldCounter()
    // The counter accepts every value, so it cannot throw.
    try? operation.visit(&counter)
    return counter.bytes
  }
}

/// Counts the bytes of a payload.
struct NPUFieldCounter: NPUFieldVisitor {
  var bytes: Int = 0

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    bytes += width.bytes
  }

  mutating func enter(_ group: String) {}
  mutating func leave() {}
}
