import IR

/// Makes the files of an artifact: streams, C code for the CPU stages, plan, trace, disassembly.
struct NPUArtifactEmitter {
  let configuration: NPUConfiguration
  let settings: TargetOptions

  func emit(_ module: Module, _ log: inout DiagnosticLog) throws -> Artifact {
    let name: String = CIdentifier.make(from: module.name, fallback: "model")
    let program: NPUProgram
    do {
      var builder = NPUProgramBuilder(module.main.graph, configuration)
      program = try builder.build()
    } catch let failure as NPUFailure {
      throw Diagnostic.unsupported("npu: \(failure.reason)")
    }
    var plan = program.plan(named: name)
    plan.options = settings.values
    var files: [ArtifactFile] = []
    var profiles: [NPUProfile] = []
    for (stage, entry) in zip(program.stages, plan.stages) {
      switch stage.work {
      case .npu(let stream):
        let profile = try simulate(stream)
        profiles.append(profile)
        files += try streamFiles(stream, profile, entry.name)
      case .cpu(let graph):
        let part = Module(
          name: entry.name, source: module.source,
          functions: [Function(name: Module.mainName, graph: graph)])
        let code = try CPUBackend(options: TargetOptions()).emit(part, &log)
        files += code.files.map { ArtifactFile("\(entry.name)/\($0.path)", $0.contents) }
      }
    }
    files.append(ArtifactFile("\(name).plan", text: plan.text))
    let driver = NPUDriverWriter(name: name, program: program, plan: plan, main: module.main)
    files += try driver.files()
    return Artifact(
      name: name, files: files, metrics: metrics(program, profiles),
      placements: program.placements, notes: notes(program))
  }

  private func simulate(_ stream: NPUCommandStream) throws -> NPUProfile {
    do {
      return try NPUSimulator(stream, on: configuration).profile
    } catch let finding as NPUFinding {
      throw Diagnostic.internalError("the compiled stream is not sound: \(finding)")
    }
  }

  private func streamFiles(
    _ stream: NPUCommandStream, _ profile: NPUProfile, _ name: String
  ) throws -> [ArtifactFile] {
    let stem = String(name.dropLast(".enpu".count))
    do {
      let bytes = try NPUStreamEncoder(stream).encode()
      return [
        ArtifactFile(name, bytes),
        ArtifactFile("\(stem).disasm.txt", text: NPUDisassembler(stream).disassemble()),
        ArtifactFile("\(stem).trace.json", text: NPUTrace(profile).json()),
      ]
    } catch let error as NPUStreamError {
      throw Diagnostic.internalError("the compiled stream cannot be encoded: \(error)")
    }
  }

  private func metrics(
    _ program: NPUProgram, _ profiles: [NPUProfile]
  ) -> [(unit: String, metrics: [Metric])] {
    let report = NPUReport(profiles)
    let npu: [Metric] = [
      Metric("operations", "operations", Double(program.npuOperations)),
      Metric("cycles", "cycles", Double(report.cycles), "cycles"),
      Metric("ideal_cycles", "cycles, ideal", Double(idealCycles(program, report)), "cycles"),
      Metric("utilization", "array utilisation", report.utilisation, "percent"),
      Metric("macs", "MACs", Double(report.macs)),
      Metric(
        "sram_bytes", "SRAM, peak", Double(profiles.map(\.sramBytes).max() ?? 0), "bytes"),
      Metric("offchip_bytes", "off-chip traffic", Double(report.offChipBytes), "bytes"),
    ]
    let cpu: [Metric] = [Metric("operations", "operations", Double(program.cpuOperations))]
    return [(unit: "npu", metrics: npu), (unit: "cpu", metrics: cpu)]
  }

  /// max(MACs / peak, bytes / bandwidth) with every constant, input and output moved once.
  private func idealCycles(_ program: NPUProgram, _ report: NPUReport) -> Int {
    var total: Int = 0
    for stage in program.stages {
      guard case .npu(let stream) = stage.work else { continue }
      let macs: Int = stream.instructions.map(\.operation.macs).reduce(0, +)
      let ports: Int = stream.ports.map(\.byteCount).reduce(0, +)
      let bytes: Int = stream.constants.count + ports
      total += max(
        NPUTiming.ceilingDivide(macs, configuration.macsPerCycle),
        NPUTiming.ceilingDivide(bytes, configuration.memory.bytesPerCycle))
    }
    return total
  }

  private func notes(_ program: NPUProgram) -> [String] {
    var notes: [String] = []
    let memory = configuration.memory
    notes.append(
      "machine \(configuration.name), \(configuration.sramBytes >> 10) KiB SRAM, "
        + "memory \(memory.name) (\(memory.bytesPerCycle) B/cycle)")
    if program.npuOperations == 0 { notes.append("no operation runs on the NPU") }
    return notes
  }
}

extension NPUProgram {
  /// The plan of an artifact named `name`: one stream keeps the plain name.
  func plan(named name: String) -> NPUPlan {
    var plan = NPUPlan()
    plan.values = values
    plan.inputs = inputs
    plan.outputs = outputs
    let isSingle: Bool = stages.filter(\.isNPU).count == 1
    var counts = (npu: 0, cpu: 0)
    for stage in stages {
      let label: String
      if stage.isNPU {
        label = isSingle ? "\(name).enpu" : "\(name)_\(counts.npu).enpu"
        counts.npu += 1
      } else {
        label = "\(name)_cpu_\(counts.cpu)"
        counts.cpu += 1
      }
      plan.stages.append(
        NPUPlan.Stage(
          unit: stage.isNPU ? "npu" : "cpu", name: label, inputs: stage.inputs,
          outputs: stage.outputs))
    }
    return plan
  }
}

extension NPUProgram.Stage {
  var isNPU: Bool {
    if case .npu = work { return true }
    return false
  }
}
