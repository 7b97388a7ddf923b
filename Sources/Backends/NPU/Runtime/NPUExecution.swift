import IR

/// Runs a plan: streams in the simulator, the other stages by functions that the caller supplies.
final class NPUExecution {
  /// Runs one stage for every sample.
  typealias HostFunction = ([[Tensor]]) throws -> [[Tensor]]

  enum Worker {
    case simulator(NPUSimulator, NPUCommandStream)
    case host(HostFunction)
  }

  private let plan: NPUPlan
  private let workers: [Worker]

  /// - Parameter workers: one per stage.
  init(_ plan: NPUPlan, _ workers: [Worker]) {
    self.plan = plan
    self.workers = workers
  }

  /// One profile per stream, in order.
  var profiles: [NPUProfile] {
    workers.compactMap { worker in
      guard case .simulator(let simulator, _) = worker else { return nil }
      return simulator.profile
    }
  }

  /// One inference per sample.
  func run(_ samples: [[Tensor]]) throws -> [[Tensor]] {
    var frames: [[Int: Tensor]] = try samples.map { sample in
      guard sample.count == plan.inputs.count else {
        throw Diagnostic.error("\(plan.inputs.count) inputs are needed, not \(sample.count)")
      }
      for (number, tensor) in zip(plan.inputs, sample) {
        let type = plan.values[number]
        guard type.shape == tensor.shape, type.element == tensor.element else {
          throw Diagnostic.error("an input of type \(type) is needed, not \(tensor.type)")
        }
      }
      return Dictionary(zip(plan.inputs, sample)) { first, _ in first }
    }
    for (stage, worker) in zip(plan.stages, workers) {
      let operands = try frames.map { frame in try stage.inputs.map { try read($0, frame) } }
      let types = stage.outputs.map { plan.values[$0] }
      let results: [[Tensor]]
      switch worker {
      case .host(let function): results = try function(operands)
      case .simulator(let simulator, let stream):
        results = try operands.map { try run(simulator, stream.ports, $0, types) }
      }
      for index in frames.indices {
        for (place, tensor) in zip(stage.outputs, results[index]) {
          frames[index][place] = tensor.reinterpreted(as: plan.values[place])
        }
      }
    }
    return try frames.map { frame in try plan.outputs.map { try read($0, frame) } }
  }

  private func read(_ number: Int, _ frame: [Int: Tensor]) throws -> Tensor {
    guard let tensor = frame[number] else {
      throw Diagnostic.error("the plan uses value \(number) before a stage makes it")
    }
    return tensor
  }

  private func run(
    _ simulator: NPUSimulator, _ ports: [NPUPort], _ operands: [Tensor], _ types: [TensorType]
  ) throws -> [Tensor] {
    var bytes: [String: [UInt8]] = [:]
    let inputs = ports.filter { $0.region == .input }
    for (port, tensor) in zip(inputs, operands) { bytes[port.name] = Array(tensor.storage.bytes) }
    let results = try simulator.run(ports: bytes)
    let outputs = ports.filter { $0.region == .output }
    return try zip(outputs, types).map { port, type in
      let content: [UInt8] = results[port.name] ?? []
      guard content.count == type.byteCount else {
        throw Diagnostic.error("port \(port.name) has \(content.count) bytes for \(type)")
      }
      return Tensor(type, storage: Storage(byteCount: content.count) { $0.copyBytes(from: content) })
    }
  }
}
