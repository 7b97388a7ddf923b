import IR

/// C99 for a microcontroller: no heap, no libc beyond `stdint` and `string` (and `math` where a
/// float kernel needs it), with firmware that runs under QEMU.
public struct MCUBackend: Backend {
  public static let name = "mcu"
  public static let summary = "C99 without a heap for Arm Cortex-M, with firmware for QEMU"
  public static var options: [PassOption] {
    [
      PassOption(
        "core", .choice(MCUCore.allCases.map(\.rawValue)), default: MCUCore.m4.rawValue,
        help: "the processor that firmware is built for")
    ]
  }

  private let core: MCUCore

  public init(options: TargetOptions) throws {
    for key in options.values.keys.sorted() where key != "core" {
      throw Diagnostic.error("target 'mcu' has no option '\(key)'", help: ["it has: core"])
    }
    let name = options["core"] ?? MCUCore.m4.rawValue
    let known = MCUCore.allCases.map(\.rawValue)
    guard let core = MCUCore(rawValue: name) ?? MCUCore(rawValue: "cortex-\(name)") else {
      throw Diagnostic.error(
        "target 'mcu' knows no core '\(name)'",
        help: ["it knows: \(known.joined(separator: ", "))"])
    }
    self.core = core
  }

  public var constraints: [Constraint] { CConstraints.all }
  public var prefersInt8: Bool { true }
  public var pipeline: String { CPipeline.passes }

  public func emit(_ module: Module, _ log: inout DiagnosticLog) throws -> Artifact {
    let program = try CProgram(name: module.name, function: module.main)
    let writer = CSourceWriter(
      program: program, source: module.source, dialect: CDialect(target: "mcu-c99"))
    let firmware = FirmwareWriter(program: program, writer: writer, core: core)
    return Artifact(
      name: program.name, files: writer.files() + firmware.files,
      metrics: [(unit: "mcu", metrics: program.metrics + predictions(program))],
      placements: program.placements(unit: "mcu"), notes: notes(program))
  }

  public func makeRunner(folder: String, interface: Interface) throws -> any Runner {
    try MCURunner(folder: folder, interface: interface, core: core)
  }

  /// What a build will take, before there is one.
  private func predictions(_ program: CProgram) -> [Metric] {
    let footprint = FootprintEstimate(program: program)
    return [
      Metric("flash_bytes", "flash, predicted", Double(footprint.flash), "bytes"),
      Metric("ram_bytes", "RAM, predicted", Double(footprint.ram), "bytes"),
      Metric("stack_bytes", "stack, predicted", Double(footprint.stack), "bytes"),
    ]
  }

  private func notes(_ program: CProgram) -> [String] {
    let converting: Set<String> = [Quantize.mnemonic, Dequantize.mnemonic]
    let floats = program.steps.filter { step in
      let node = program.graph[step.id]
      let isArithmetic = !converting.contains(type(of: node.operation).mnemonic)
      return isArithmetic && node.results.contains { program.graph[$0].element == .f32 }
    }
    guard !floats.isEmpty else { return [] }
    let means = core.hasFloat ? "slower than int8" : "in software, many times slower than int8"
    return ["\(floats.count) operations work on f32: on \(core.rawValue) that is \(means)"]
  }
}
