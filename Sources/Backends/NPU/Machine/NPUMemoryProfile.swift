/// The memory behind the DMA engine: how long a first byte takes, and how many follow per cycle.
public struct NPUMemoryProfile: Hashable, Sendable {
  public var name: String
  /// Off-chip bytes per cycle once data flow, in both directions together.
  public var bytesPerCycle: Int
  /// Cycles from a request to its first byte.
  public var latency: Int
  /// Bytes a contiguous run occupies on the bus at least; longer runs round up to a multiple.
  public var granule: Int
  /// Longest burst in bytes.
  public var burst: Int
  /// Bursts in flight. With `n` bursts of `b` bytes in flight and a latency of `L` cycles no more
  /// than `n·b/L` bytes per cycle can arrive, whatever the bus could carry.
  public var outstanding: Int

  public init(
    name: String, bytesPerCycle: Int, latency: Int, granule: Int, burst: Int, outstanding: Int
  ) {
    self.name = name
    self.bytesPerCycle = bytesPerCycle
    self.latency = latency
    self.granule = granule
    self.burst = burst
    self.outstanding = outstanding
  }

  /// Serial NOR flash and PSRAM beside a microcontroller: 1 byte per cycle, 64 cycles of latency.
  public static let flash = NPUMemoryProfile(
    name: "flash", bytesPerCycle: 1, latency: 64, granule: 16, burst: 128, outstanding: 8)

  /// LPDDR beside an application processor: 12 bytes per cycle, 500 cycles of latency. 64 bursts
  /// in flight, because 8 would cap the rate at 8·128/500 = 2 bytes per cycle.
  public static let dram = NPUMemoryProfile(
    name: "dram", bytesPerCycle: 12, latency: 500, granule: 64, burst: 128, outstanding: 64)

  public static let all: [NPUMemoryProfile] = [.flash, .dram]

  /// Cycles in which `bytes` (already rounded to granules) cross the bus, latency not included.
  public func transferCycles(_ bytes: Int) -> Int {
    let onBus = (bytes + bytesPerCycle - 1) / bytesPerCycle
    let inFlight = outstanding * burst
    let byOutstanding = (bytes * latency + inFlight - 1) / inFlight
    let limited = inFlight < latency * bytesPerCycle
    return limited ? max(onBus, byOutstanding) : onBus
  }

  /// Bytes that a contiguous run of `bytes` occupies on the bus.
  public func occupied(_ bytes: Int) -> Int { (bytes + granule - 1) / granule * granule }
}
