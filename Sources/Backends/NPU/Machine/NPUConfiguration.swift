/// One member of the ENPU family: the sizes from which every cycle count follows
/// (`Docs/npu.md`, "The family").
public struct NPUConfiguration: Hashable, Sendable {
  public var name: String
  /// The shapes the multiplier array can take, chosen per operation by index.
  public var shapes: [NPUArrayShape]
  /// On-chip activation bytes read per cycle.
  public var readBytes: Int
  /// Weight bytes read per cycle through the weight FIFOs.
  public var weightBytes: Int
  /// Accumulators requantised and written per cycle; also the width of the vector unit.
  public var lanes: Int
  /// On-chip memory in bytes.
  public var sramBytes: Int
  public var memory: NPUMemoryProfile
  /// Only used to turn cycles into time in reports and traces.
  public var clockMHz: Int

  /// Bytes per cycle of a copy inside the chip, and cycles before its first byte.
  public static let onChipCopyBytes: Int = 16
  public static let onChipCopyLatency: Int = 8
  /// Counting semaphores.
  public static let semaphoreCount: Int = 16
  /// Lookup tables of 256 bytes on the chip.
  public static let tableCount: Int = 8
  /// Transfers of the DMA-in queue that may be in flight: the second hides its latency.
  public static let inboundChannels: Int = 2

  public init(
    name: String, shapes: [NPUArrayShape], readBytes: Int, lanes: Int, sramBytes: Int,
    memory: NPUMemoryProfile, clockMHz: Int = 500
  ) {
    self.name = name
    self.shapes = shapes
    self.readBytes = readBytes
    self.weightBytes = shapes.map(\.channels).max() ?? 1
    self.lanes = lanes
    self.sramBytes = sramBytes
    self.memory = memory
    self.clockMHz = clockMHz
  }

  /// int8 multiply-accumulates per cycle.
  public var macsPerCycle: Int { shapes.map { $0.pixels * $0.channels }.max() ?? 0 }

  public static let enpu128 = NPUConfiguration(
    name: "enpu-128", shapes: makeShapes([(16, 8), (8, 16), (4, 32)]), readBytes: 64, lanes: 8,
    sramBytes: 128 << 10, memory: .flash)

  public static let enpu256 = NPUConfiguration(
    name: "enpu-256", shapes: makeShapes([(32, 8), (16, 16), (8, 32)]), readBytes: 128, lanes: 16,
    sramBytes: 256 << 10, memory: .flash)

  public static let enpu512 = NPUConfiguration(
    name: "enpu-512", shapes: makeShapes([(64, 8), (32, 16), (16, 32)]), readBytes: 256, lanes: 32,
    sramBytes: 512 << 10, memory: .flash)

  public static let all: [NPUConfiguration] = [.enpu128, .enpu256, .enpu512]

  /// The SRAM sizes, in bytes, in which this member is built.
  public var sramRange: ClosedRange<Int> { (macsPerCycle << 8)...(macsPerCycle << 11) }

  /// FNV-1a, 64 bits, of `canonicalText`: a stream names the machine it was made for.
  public var digest: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in canonicalText.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return hash
  }

  /// Every parameter that a command stream or its timing depends on.
  public var canonicalText: String {
    let array: String = shapes.map(\.description).joined(separator: ",")
    let chip: String = "\(name);\(array);r=\(readBytes);w=\(weightBytes);l=\(lanes);s=\(sramBytes)"
    let off: String = "\(memory.name);\(memory.bytesPerCycle);\(memory.latency)"
    return "\(chip);\(off);\(memory.granule);\(memory.burst);\(memory.outstanding)"
  }

  private static func makeShapes(_ pairs: [(Int, Int)]) -> [NPUArrayShape] {
    pairs.map { NPUArrayShape(pixels: $0.0, channels: $0.1) }
  }
}
