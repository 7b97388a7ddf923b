import Foundation
import IR

/// A machine that works through a tape of elementwise instructions on f32: a backend that is small
/// enough to be read in one go. Its artifact is one text file; `TapeRunner` is the machine.
///
///     input 0 4
///     constant 1 40400000
///     mul 2 4 0 1
///     output 2
struct TapeMachine: Backend {
  static let name = "tape-machine"
  static let summary = "a tape of elementwise instructions on f32, and the machine that runs it"

  init(options: TargetOptions) throws {}

  /// What it demands, in the words of the support check and of `edgecc targets`.
  var constraints: [Constraint] {
    [
      Constraint("tape-operation", "the operation is one that the machine has") { view in
        let mnemonic = type(of: view.node.operation).mnemonic
        return Self.mnemonics.contains(mnemonic) ? nil : "'\(mnemonic)' is not"
      },
      Constraint("tape-element", "elements are f32 and extents are known") { view in
        view.allTypes.first { $0.element != .f32 || !$0.shape.isStatic }.map { "here is \($0)" }
      },
      Constraint("tape-shape", "operands have the result's shape, or one element") { view in
        (0..<view.operandCount).map { view.operandType($0) }
          .first { $0.shape != view.resultType().shape && $0.shape.checkedCount != 1 }
          .map { "here is \($0) for \(view.resultType())" }
      },
    ]
  }

  static let mnemonics: Set<String> = [
    "add", "sub", "mul", "maximum", "minimum", "negate",
  ]

  var prefersInt8: Bool { false }
  /// Passes after the standard ones.
  var pipeline: String { "remove-dead-code" }

  func emit(_ module: Module, _ log: inout DiagnosticLog) throws -> Artifact {
    let graph = module.main.graph
    var lines: [String] = []
    var slots: [Value: Int] = [:]
    func slot(_ value: Value) -> Int {
      if let known = slots[value] { return known }
      slots[value] = slots.count
      if let constant = graph.constant(value) {
        let words = constant.array(of: Float.self).map { String($0.bitPattern, radix: 16) }
        lines.append("constant \(slots.count - 1) \(words.joined(separator: " "))")
      }
      return slots.count - 1
    }
    for value in graph.arguments {
      lines.append("input \(slot(value)) \(graph[value].shape.count)")
    }
    var placements: [Placement] = []
    for id in graph.operations(in: graph.entry) {
      let node = graph[id]
      let mnemonic = type(of: node.operation).mnemonic
      let operands = node.operands.map { "\(slot($0))" }.joined(separator: " ")
      let result = node.results[0]
      lines.append("\(mnemonic) \(slot(result)) \(graph[result].shape.count) \(operands)")
      placements.append(Placement(location: node.location, mnemonic: mnemonic, unit: Self.name))
    }
    for value in graph.results { lines.append("output \(slot(value))") }
    return Artifact(
      name: module.name,
      files: [ArtifactFile("\(module.name).tape", text: lines.joined(separator: "\n") + "\n")],
      metrics: [
        (
          unit: Self.name,
          metrics: [Metric("operations", "instructions", Double(placements.count))]
        )
      ],
      placements: placements)
  }

  func makeRunner(folder: String, interface: Interface) throws -> any Runner {
    try TapeRunner(path: "\(folder)/\(interface.name).tape", interface)
  }
}

/// Runs a tape.
final class TapeRunner: Runner {
  private let lines: [[String]]
  private let interface: Interface
  var metrics: [Metric] { [] }

  init(path: String, _ interface: Interface) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Diagnostic.error("the tape cannot be read", file: path)
    }
    lines = text.split(separator: "\n").map { $0.split(separator: " ").map { String($0) } }
    self.interface = interface
  }

  func run(_ samples: [[Tensor]]) throws -> [[Tensor]] { try samples.map { try run($0) } }

  private func run(_ inputs: [Tensor]) throws -> [Tensor] {
    var slots: [Int: [Float]] = [:]
    var waiting = inputs[...]
    var results: [[Float]] = []
    for line in lines {
      let numbers = line.dropFirst().map { Int($0) ?? 0 }
      switch line[0] {
      case "input": slots[numbers[0]] = waiting.popFirst()?.array(of: Float.self) ?? []
      case "constant":
        slots[numbers[0]] = line.dropFirst(2).map { Float(bitPattern: UInt32($0, radix: 16) ?? 0) }
      case "output": results.append(slots[numbers[0]] ?? [])
      default:
        let operands = numbers.dropFirst(2).map { slots[$0] ?? [] }
        slots[numbers[0]] = try (0..<numbers[1]).map { index in
          try compute(line[0], operands.map { $0[$0.count == 1 ? 0 : index] })
        }
      }
    }
    return zip(results, interface.outputs).map { Tensor($1.type.shape, $0) }
  }

  private func compute(_ instruction: String, _ x: [Float]) throws -> Float {
    switch instruction {
    case "add": return x[0] + x[1]
    case "sub": return x[0] - x[1]
    case "mul": return x[0] * x[1]
    case "maximum": return max(x[0], x[1])
    case "minimum": return min(x[0], x[1])
    case "negate": return -x[0]
    default: throw Diagnostic.error("the machine has no instruction '\(instruction)'")
    }
  }
}

@_cdecl("edgecc_swift_plugin_register")
public func register(_ host: UnsafeMutableRawPointer) {
  registerPlugin("tape-machine", version: "1.0.0", in: host) { registry in
    registry.register(backend: TapeMachine.self)
  }
}
