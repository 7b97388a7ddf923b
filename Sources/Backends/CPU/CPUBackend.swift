import Foundation
import IR

/// C11 for the host: code over the kernels, constants, a harness and a CMake file.
///
/// The compiler may contract float products and sums (`-ffp-contract=fast`); integer results do not
/// depend on it, because float requantisation rounds on the bits of a single product.
public struct CPUBackend: Backend {
  public static let name = "cpu"
  public static let summary = "portable C11 with weights, compiled for the host to run"

  public init(options: TargetOptions) throws {
    guard let key = options.values.keys.min() else { return }
    throw Diagnostic.error("target 'cpu' has no option '\(key)'", help: ["it has none"])
  }

  public var constraints: [Constraint] { CConstraints.all }
  public var prefersInt8: Bool { false }
  public var pipeline: String { CPipeline.passes }

  public func emit(_ module: Module, _ log: inout DiagnosticLog) throws -> Artifact {
    let program = try CProgram(name: module.name, function: module.main)
    let writer = CSourceWriter(
      program: program, source: module.source, dialect: CDialect(target: "cpu-c11"))
    var files = writer.files()
    files.append(ArtifactFile("\(program.name)_main.c", text: HarnessWriter(program: program).text))
    files.append(
      ArtifactFile("CMakeLists.txt", text: CMakeWriter(program: program, writer: writer).text))
    return Artifact(
      name: program.name, files: files, metrics: [(unit: "cpu", metrics: program.metrics)],
      placements: program.placements(unit: "cpu"),
      notes: writer.usesBlob
        ? ["weights above 4 MiB: a binary file, included by \(program.name)_weights.S"] : [])
  }

  public func makeRunner(folder: String, interface: Interface) throws -> any Runner {
    try CPURunner(folder: folder, interface: interface)
  }
}

extension CProgram {
  var metrics: [Metric] {
    [
      Metric("operations", "operations", Double(steps.count)),
      Metric("macs", "MACs", Double(macs)),
      Metric("weight_bytes", "weights", Double(weightBytes), "bytes"),
      Metric("arena_bytes", "arena", Double(plan.arenaBytes), "bytes"),
      Metric("arena_lower_bound", "arena, lower bound", Double(plan.lowerBound), "bytes"),
    ]
  }

  func placements(unit: String) -> [Placement] {
    graph.operations(in: graph.entry).map { id in
      let node = graph[id]
      return Placement(
        location: node.location, mnemonic: type(of: node.operation).mnemonic, unit: unit)
    }
  }
}
