/// A whole program for the machine: instructions in program order, the constants they use, the
/// sizes of the memories they need, and the ports through which values enter and leave.
public struct NPUCommandStream: Hashable, Sendable {
  public static let major: Int = 1
  public static let minor: Int = 0

  /// `NPUConfiguration.digest` of the machine it was made for.
  public var configurationDigest: UInt64
  /// `NPUConfiguration.canonicalText`, for people and for messages.
  public var configurationText: String
  public var instructions: [NPUInstruction]
  /// The content of `NPURegion.constants`.
  public var constants: [UInt8]
  public var arenaBytes: Int
  public var inputBytes: Int
  public var outputBytes: Int
  public var sramBytes: Int
  public var ports: [NPUPort]

  public init(
    for configuration: NPUConfiguration, instructions: [NPUInstruction] = [],
    constants: [UInt8] = [], arenaBytes: Int = 0, inputBytes: Int = 0, outputBytes: Int = 0,
    sramBytes: Int = 0, ports: [NPUPort] = []
  ) {
    configurationDigest = configuration.digest
    configurationText = configuration.canonicalText
    self.instructions = instructions
    self.constants = constants
    self.arenaBytes = arenaBytes
    self.inputBytes = inputBytes
    self.outputBytes = outputBytes
    self.sramBytes = sramBytes
    self.ports = ports
  }

  init() {
    configurationDigest = 0
    configurationText = ""
    instructions = []
    constants = []
    (arenaBytes, inputBytes, outputBytes, sramBytes) = (0, 0, 0, 0)
    ports = []
  }

  /// Bytes of a region that the stream uses.
  public func size(of region: NPURegion) -> Int {
    switch region {
    case .constants: constants.count
    case .arena: arenaBytes
    case .input: inputBytes
    case .output: outputBytes
    case .sram: sramBytes
    case .tables: NPUConfiguration.tableCount * 256
    }
  }
}

/// The sections of a stream file.
enum NPUSection: Int, CaseIterable {
  case machine = 1
  case code = 2
  case constants = 3
  case memory = 4
  case ports = 5
  case relocations = 6
  case debug = 7
}

/// A word of the code section that holds an offset into a region: what a driver adds a base to
/// if its device wants absolute addresses.
struct NPURelocation: Hashable {
  var codeOffset: Int
  var region: NPURegion
}
