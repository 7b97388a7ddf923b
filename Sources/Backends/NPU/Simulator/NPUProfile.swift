/// When one instruction ran and what its cycles went to.
public struct NPURecord: Hashable, Sendable {
  public var instruction: Int
  public var opcode: NPUOpcode
  public var queue: NPUQueue
  public var source: String
  /// First cycle of its issue, and the cycle in which it had completed.
  public var start: Int
  public var end: Int
  /// From `start` to `end`, without gaps.
  public var segments: [NPUSegment]
  public var macs: Int
  /// Bytes that crossed the off-chip bus, before rounding to granules.
  public var offChipBytes: Int
}

/// Where the cycles of one run went.
public struct NPUProfile: Hashable, Sendable {
  public var configuration: NPUConfiguration
  /// Cycles from launch to the end of `END`.
  public var cycles: Int
  public var records: [NPURecord]
  /// Per queue, cycles by cause; each queue's sum is `cycles`.
  public var queueCauses: [NPUQueue: [NPUCause: Int]]
  /// Every cycle of the run by the most productive cause of any queue; the sum is `cycles`.
  public var causes: [NPUCause: Int]
  public var macs: Int
  public var offChipReadBytes: Int
  public var offChipWriteBytes: Int
  public var sramBytes: Int

  /// Multiply-accumulates done of those the array could have done, 0…1.
  public var utilisation: Double {
    cycles == 0 ? 0 : Double(macs) / Double(cycles * configuration.macsPerCycle)
  }

  /// No machine with this array and this bus can be faster: max(MACs / peak, bytes / bandwidth).
  public var lowerBound: Int {
    let peak: Int = configuration.macsPerCycle
    let bandwidth: Int = configuration.memory.bytesPerCycle
    let bytes: Int = offChipReadBytes + offChipWriteBytes
    return max((macs + peak - 1) / peak, (bytes + bandwidth - 1) / bandwidth)
  }
}
