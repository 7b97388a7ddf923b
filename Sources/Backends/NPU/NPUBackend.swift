import IR

/// The simulated NPU: int8 operations become command streams, the rest C code for the CPU beside it.
public struct NPUBackend: Backend {
  public static let name = "npu"
  public static let summary = "the ENPU machine and its simulator, with C code for what it cannot run"
  public static let options: [PassOption] = [
    PassOption(
      "config", .choice(NPUConfiguration.all.map(\.name)), default: NPUConfiguration.enpu256.name,
      help: "the member of the family"),
    PassOption("sram", .text("KiB"), default: "256", help: "on-chip memory in KiB"),
    PassOption(
      "memory", .choice(NPUMemoryProfile.all.map(\.name)), default: "flash",
      help: "off-chip memory: 1 byte per cycle, or 12"),
  ]

  private let configuration: NPUConfiguration
  private let settings: TargetOptions

  public init(options: TargetOptions) throws {
    configuration = try Self.configuration(options)
    settings = options
  }

  public var constraints: [Constraint] { NPULegality(configuration: configuration).constraints }
  public var hasFallback: Bool { true }
  public var fallbackConstraints: [Constraint] { CConstraints.all }
  public var prefersInt8: Bool { true }
  /// Those of the array's narrowest shape.
  public var channelMultiple: Int { configuration.shapes.map(\.channels).min() ?? 1 }
  public var pipeline: String { CPipeline.passes }

  /// The machine that the options describe. Throws a `Diagnostic` naming what would be accepted.
  static func configuration(_ options: TargetOptions) throws -> NPUConfiguration {
    let known: [String] = Self.options.map(\.name)
    if let key = options.values.keys.sorted().first(where: { !known.contains($0) }) {
      throw Diagnostic.error(
        "target 'npu' has no option '\(key)'", help: ["it has \(known.joined(separator: ", "))"])
    }
    let name: String = options["config"] ?? NPUConfiguration.enpu256.name
    guard var configuration = NPUConfiguration.all.first(where: { $0.name == name }) else {
      let names: String = NPUConfiguration.all.map(\.name).joined(separator: ", ")
      throw Diagnostic.error("there is no machine '\(name)'", help: ["known: \(names)"])
    }
    if let text = options["memory"] {
      guard let memory = NPUMemoryProfile.all.first(where: { $0.name == text }) else {
        throw Diagnostic.error("there is no memory '\(text)'", help: ["known: flash, dram"])
      }
      configuration.memory = memory
    }
    if let text = options["sram"] {
      let range = configuration.sramRange
      guard let size = Int(text), size > 0, size <= range.upperBound >> 10,
        size << 10 >= range.lowerBound
      else {
        let limits: String = "\(range.lowerBound >> 10) to \(range.upperBound >> 10)"
        throw Diagnostic.error("\(name) has no SRAM of '\(text)' KiB", help: ["it has \(limits)"])
      }
      configuration.sramBytes = size << 10
    }
    return configuration
  }

  public func emit(_ module: Module, _ log: inout DiagnosticLog) throws -> Artifact {
    let emitter = NPUArtifactEmitter(configuration: configuration, settings: settings)
    return try emitter.emit(module, &log)
  }

  public func makeRunner(folder: String, interface: Interface) throws -> any Runner {
    try NPURunner(folder: folder, interface: interface)
  }
}
