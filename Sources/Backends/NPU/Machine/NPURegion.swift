/// The address spaces of the machine. Every address is a region and an offset, so a stream runs
/// wherever its buffers lie: launching it sets one base per region.
public enum NPURegion: UInt8, CaseIterable, Hashable, Sendable {
  /// Weights, scale records and lookup tables: part of the command stream, read only.
  case constants
  /// Off-chip scratch memory.
  case arena
  case input
  case output
  /// On-chip memory: the only one that the array and the vector unit reach.
  case sram
  /// The lookup tables: 8 of 256 bytes, written by DMA.
  case tables

  public var isOnChip: Bool { self == .sram || self == .tables }
}

/// The four in-order queues into which the command processor splits a stream.
public enum NPUQueue: UInt8, CaseIterable, Hashable, Sendable {
  case dmaIn
  case dmaOut
  case mac
  case vector
}
