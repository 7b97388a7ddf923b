import IR

/// Runs a program's stages over its numbered values: streams in the simulator, the rest by what the
/// caller supplies.
final class NPUExecution {
  /// Runs one function on the CPU: inputs to outputs.
  typealias HostFunction = ([Tensor]) throws -> [Tensor]

  private enum Worker {
    case simulator(NPUSimulator, [NPUPort])
    case host(HostFunction)
  }

  private let program: NPUProgram
  private let workers: [Worker]
  /// One profile per stream, in order.
  let profiles: [NPUProfile]

  /// - Parameter host: makes the function of the CPU stage at an index of `program.stages`.
  /// - Throws: the finding of the verifier if a stream is not sound.
  init(
    _ program: NPUProgram, on configuration: NPUConfiguration,
    host: (Int, Graph) throws -> HostFunction
  ) throws {
    self.program = program
    var profiles: [NPUProfile] = []
    var workers: [Worker] = []
    for (index, stage) in program.stages.enumerated() {
      switch stage.work {
      case .npu(let stream):
        let simulator = try NPUSimulator(stream, on: configuration)
        profiles.append(simulator.profile)
        workers.append(.simulator(simulator, stream.ports))
      case .cpu(let graph): workers.append(.host(try host(index, graph)))
      }
    }
    self.workers = workers
    self.profiles = profiles
  }

  /// One inference.
  func run(_ inputs: [Tensor]) throws -> [Tensor] {
    guard inputs.count == program.inputs.count else {
      throw Diagnostic.error("\(program.inputs.count) inputs are needed, not \(inputs.count)")
    }
    var values: [Int: Tensor] = [:]
    for (number, tensor) in zip(program.inputs, inputs) {
      let type = program.values[number]
      guard type.shape == tensor.shape, type.element == tensor.element else {
        throw Diagnostic.error("an input of type \(type) is needed, not \(tensor.type)")
      }
      values[number] = tensor
    }
    func read(_ number: Int) throws -> Tensor {
      guard let tensor = values[number] else {
        throw Diagnostic.internalError("value \(number) is used before a stage makes it")
      }
      return tensor
    }
    for (stage, worker) in zip(program.stages, workers) {
      let operands = try stage.inputs.map(read)
      let results: [Tensor]
      switch worker {
      case .host(let function): results = try function(operands)
      case .simulator(let simulator, let ports):
        results = try run(simulator, ports, operands, stage.outputs.map { program.values[$0] })
      }
      for (number, tensor) in zip(stage.outputs, results) {
        values[number] = tensor.reinterpreted(as: program.values[number])
      }
    }
    return try program.outputs.map(read)
  }

  private func run(
    _ simulator: NPUSimulator, _ ports: [NPUPort], _ operands: [Tensor], _ types: [TensorType]
  ) throws -> [Tensor] {
    var bytes: [String: [UInt8]] = [:]
    let inputs = ports.filter { $0.region == .input }
    for (port, tensor) in zip(inputs, operands) { bytes[port.name] = Array(tensor.storage.bytes) }
    let results = try simulator.run(ports: bytes)
    let outputs = ports.filter { $0.region == .output }
    return zip(outputs, types).map { port, type in
      let content: [UInt8] = results[port.name] ?? []
      return Tensor(type, storage: Storage(byteCount: content.count) { $0.copyBytes(from: content) })
    }
  }
}
