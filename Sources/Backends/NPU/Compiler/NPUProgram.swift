import IR

/// A compiled function: command streams and functions for the CPU, run one after another over
/// numbered values.
struct NPUProgram {
  enum Work {
    case npu(NPUCommandStream)
    case cpu(Graph)
  }

  struct Stage {
    var work: Work
    var inputs: [Int]
    var outputs: [Int]
  }

  /// The type of each numbered value.
  var values: [TensorType] = []
  var inputs: [Int] = []
  var outputs: [Int] = []
  var stages: [Stage] = []
  var placements: [Placement] = []
  var npuOperations: Int = 0
  var cpuOperations: Int = 0
}

/// Partitions a function and compiles every part.
struct NPUProgramBuilder {
  private let graph: Graph
  private let configuration: NPUConfiguration
  private let usesCascades: Bool
  private var numbers: [Value: Int] = [:]
  private var program = NPUProgram()

  init(_ graph: Graph, _ configuration: NPUConfiguration, cascades: Bool = true) {
    self.graph = graph
    usesCascades = cascades
    self.configuration = configuration
  }

  mutating func build() throws -> NPUProgram {
    let constraints = NPULegality(configuration: configuration).constraints
    program.inputs = graph.arguments.map { number($0) }
    var exceptions: [OperationID: String] = [:]
    // An operation that does not fit goes to the CPU, and the rest is split anew around it.
    while true {
      let partitioner = NPUPartitioner(graph, constraints, exceptions: exceptions)
      let (regions, reasons) = partitioner.partition()
      do {
        program.stages = try regions.map { try stage($0) }
        place(regions, reasons)
        break
      } catch let misfit as Misfit {
        guard exceptions[misfit.operation] == nil else { throw misfit.failure }
        exceptions[misfit.operation] = misfit.failure.reason
      }
    }
    try addConstantResults()
    program.outputs = graph.results.map { number($0) }
    return program
  }

  private struct Misfit: Error {
    var operation: OperationID
    var failure: NPUFailure
  }

  private mutating func number(_ value: Value) -> Int {
    if let known = numbers[value] { return known }
    numbers[value] = program.values.count
    program.values.append(graph[value])
    return program.values.count - 1
  }

  private mutating func stage(_ region: NPURegionPlan) throws -> NPUProgram.Stage {
    let work: NPUProgram.Work
    if region.isNPU {
      work = .npu(try compile(region))
    } else {
      work = .cpu(try extract(region))
    }
    return NPUProgram.Stage(
      work: work, inputs: region.inputs.map { number($0) },
      outputs: region.outputs.map { number($0) })
  }

  private func compile(_ region: NPURegionPlan) throws -> NPUCommandStream {
    var lowering = NPULowering(graph, configuration)
    let subgraph: NPUSubgraph
    do {
      subgraph = try lowering.lower(
        region.operations, inputs: region.inputs, outputs: region.outputs)
    } catch let failure as NPUFailure {
      guard let culprit = lowering.current else { throw failure }
      throw Misfit(operation: culprit, failure: failure)
    }
    do {
      let compiler = NPUCompiler(subgraph, for: configuration, cascades: usesCascades)
      return try compiler.compile()
    } catch let failure as NPUFailure {
      guard let layer = failure.layer, let culprit = subgraph.origins[layer] else { throw failure }
      throw Misfit(operation: culprit, failure: failure)
    }
  }

  /// The region's operations as a function of their own.
  private func extract(_ region: NPURegionPlan) throws -> Graph {
    var extractor = NPUExtractor(graph)
    return try extractor.extract(region)
  }

  /// A result that is a constant comes from a stage of its own.
  private mutating func addConstantResults() throws {
    var region = NPURegionPlan(isNPU: false, operations: [])
    for value in graph.results where graph.constant(value) != nil && numbers[value] == nil {
      region.outputs.append(value)
      _ = number(value)
    }
    if !region.outputs.isEmpty { program.stages.append(try stage(region)) }
  }

  private mutating func place(_ regions: [NPURegionPlan], _ reasons: [OperationID: String]) {
    for region in regions {
      for id in region.operations {
        let mnemonic: String = type(of: graph[id].operation).mnemonic
        program.placements.append(
          Placement(
            location: graph[id].location, mnemonic: mnemonic, unit: region.isNPU ? "npu" : "cpu",
            reason: region.isNPU ? nil : reasons[id] ?? "its neighbours run on the CPU"))
      }
      if region.isNPU {
        program.npuOperations += region.operations.count
      } else {
        program.cpuOperations += region.operations.count
      }
    }
  }
}
