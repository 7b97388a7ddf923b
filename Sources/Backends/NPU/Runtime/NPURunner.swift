import Foundation
import IR

/// Runs an artifact: its streams in the simulator, its C code by the CPU target's runner.
final class NPURunner: Runner {
  private let interface: Interface
  private let execution: NPUExecution

  /// - Throws: `Diagnostic` if a file is missing or malformed, or a stream is not sound.
  init(folder: String, interface: Interface) throws {
    self.interface = interface
    let root = URL(fileURLWithPath: folder, isDirectory: true)
    let name: String = CIdentifier.make(from: interface.name, fallback: "model")
    let planBytes = try Self.read(root.appendingPathComponent("\(name).plan"))
    let plan = try NPUPlan(text: String(decoding: planBytes, as: UTF8.self))
    let configuration = try NPUBackend.configuration(TargetOptions(plan.options))
    let workers: [NPUExecution.Worker] = try plan.stages.map { stage in
      if stage.unit == "npu" {
        return try Self.simulator(root, stage.name, configuration)
      }
      let runner = try CPURunner(
        folder: root.appendingPathComponent(stage.name).path,
        interface: Self.interface(stage, plan))
      return .host { try runner.run($0) }
    }
    execution = NPUExecution(plan, workers)
  }

  func run(_ samples: [[Tensor]]) throws -> [[Tensor]] {
    let results = try execution.run(samples)
    return results.map { row in
      zip(row, interface.outputs).map { $0.reinterpreted(as: $1.type) }
    }
  }

  /// Cycles of one inference by cause, as the model of the machine counts them.
  var metrics: [Metric] { NPUReport(execution.profiles).metrics }

  private static func simulator(
    _ root: URL, _ name: String, _ configuration: NPUConfiguration
  ) throws -> NPUExecution.Worker {
    let bytes = try read(root.appendingPathComponent(name))
    do {
      let stream = try NPUStreamDecoder(bytes).decode()
      return .simulator(try NPUSimulator(stream, on: configuration), stream)
    } catch let error as NPUStreamError {
      throw Diagnostic.error(error.description, file: name)
    } catch let finding as NPUFinding {
      throw Diagnostic.error(finding.description, file: name)
    }
  }

  private static func read(_ url: URL) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: url))
    } catch {
      throw Diagnostic.error("cannot read '\(url.lastPathComponent)'", file: url.path)
    }
  }

  private static func interface(_ stage: NPUPlan.Stage, _ plan: NPUPlan) -> Interface {
    Interface(
      name: stage.name,
      inputs: stage.inputs.enumerated().map {
        Interface.Port(name: "input_\($0)", type: plan.values[$1])
      },
      outputs: stage.outputs.enumerated().map {
        Interface.Port(name: "output_\($0)", type: plan.values[$1])
      })
  }
}
