import Foundation
import IR

/// Builds an artifact's firmware and runs samples through it under QEMU, all in one process.
final class MCURunner: Runner {
  private let interface: Interface
  private let core: MCUCore
  private let firmware: String
  private let emulator: String
  private let sizes: [Metric]
  private(set) var metrics: [Metric]

  /// - Throws: `Diagnostic` naming the Debian package of what is missing, or with the compiler's
  ///   words.
  init(folder: String, interface: Interface, core: MCUCore) throws {
    self.interface = interface
    self.core = core
    let compiler = CCompiler(
      path: try MCURunner.need("arm-none-eabi-gcc", "gcc-arm-none-eabi libnewlib-arm-none-eabi"))
    emulator = try MCURunner.need("qemu-system-arm", "qemu-system-arm")
    let sizer = try MCURunner.need("arm-none-eabi-size", "binutils-arm-none-eabi")
    let files = try BuildFolder.read(folder, suffixes: [".c", ".h", ".S", ".bin", ".ld"])
    let sources = files.map(\.path).filter { $0.hasSuffix(".c") || $0.hasSuffix(".S") }
    let arguments = FirmwareWriter.arguments(core: core, sources: sources, output: "firmware.elf")
    let build = BuildFolder(files, recipe: ([compiler.path] + arguments).joined(separator: " "))
    firmware = try build.product("firmware.elf") { try compiler.compile(arguments, in: $0) }
    sizes = try MCURunner.measure(firmware, sizer)
    metrics = sizes
  }

  static func emulatorArguments(_ core: MCUCore, _ firmware: String) -> [String] {
    [
      "-M", core.machine, "-nographic", "-monitor", "none", "-serial", "none",
      "-semihosting-config", "enable=on,target=native", "-kernel", firmware,
    ]
  }

  private static func need(_ program: String, _ package: String) throws -> String {
    guard let path = Subprocess.find(program) else {
      throw Diagnostic.unsupported(
        "'\(program)' is needed to run on the microcontroller target, and is not installed",
        help: ["Debian: apt-get install \(package)"])
    }
    return path
  }

  /// Flash and RAM of the whole firmware, from its sections; the stack is counted by itself.
  private static func measure(_ firmware: String, _ sizer: String) throws -> [Metric] {
    let folder = URL(fileURLWithPath: firmware).deletingLastPathComponent()
    let outcome = try Subprocess.run(sizer, ["-A", firmware], in: folder)
    var bytes: [String: Double] = [:]
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, let size = Double(words[1]) { bytes[String(words[0])] = size }
    }
    func total(_ names: [String]) -> Double { names.reduce(0) { $0 + (bytes[$1] ?? 0) } }
    return [
      Metric("flash_bytes", "flash", total([".text", ".ARM.exidx", ".data"]), "bytes"),
      Metric("ram_bytes", "RAM without stack", total([".data", ".bss"]), "bytes"),
    ]
  }

  func run(_ samples: [[Tensor]]) throws -> [[Tensor]] {
    guard !samples.isEmpty else { return [] }
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("edgecc-mcu-\(UUID().uuidString)", isDirectory: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let data = try SampleFile.encode(samples, interface.inputs)
    do {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
      try data.write(to: scratch.appendingPathComponent("input.bin"))
    } catch {
      throw Diagnostic.unsupported(
        "cannot write to '\(scratch.path)': \(error.localizedDescription)")
    }
    let arguments = MCURunner.emulatorArguments(core, firmware)
    let outcome = try Subprocess.run(emulator, arguments, in: scratch, timeout: 1800)
    let output = try? Data(contentsOf: scratch.appendingPathComponent("output.bin"))
    guard outcome.status == 0, let output else {
      throw Diagnostic.internalError(
        "the firmware ended with status \(outcome.status) under QEMU: \(outcome.errors)")
    }
    metrics = sizes + MCURunner.stack(scratch)
    return try SampleFile.decode(output, interface.outputs, count: samples.count)
  }

  private static func stack(_ folder: URL) -> [Metric] {
    guard let data = try? Data(contentsOf: folder.appendingPathComponent("stack.bin")),
      data.count == 4
    else { return [] }
    let bytes = data.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    return [Metric("stack_bytes", "stack", Double(bytes), "bytes")]
  }
}
