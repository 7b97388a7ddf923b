import IR
import Testing

@testable import Backends

/// Random graphs: what the simulator computes equals what the interpreter computes, byte for byte.
@Suite struct NPUCompilerTests {
  /// Streams in the simulator, other stages in the interpreter.
  private func execution(
    _ program: NPUProgram, _ configuration: NPUConfiguration
  ) throws -> NPUExecution {
    let workers: [NPUExecution.Worker] = try program.stages.map { stage in
      switch stage.work {
      case .npu(let stream):
        return .simulator(try NPUSimulator(stream, on: configuration), stream)
      case .cpu(let graph):
        let interpreter = Interpreter(Function(name: "main", graph: graph))
        return .host { try $0.map { try interpreter.run($0) } }
      }
    }
    return NPUExecution(program.plan(named: "test"), workers)
  }

  /// Compiles, checks the program, and compares one inference.
  @discardableResult
  private func check(
    _ graph: Graph, _ configuration: NPUConfiguration = .enpu256, seed: UInt64,
    cpuOperations: Int = 0, cascades: Bool = true
  ) throws -> NPUProgram {
    var builder = NPUProgramBuilder(graph, configuration, cascades: cascades)
    let program = try builder.build()
    #expect(program.cpuOperations == cpuOperations, "seed \(seed): \(program.placements)")
    let execution = try execution(program, configuration)
    var maker = NPUGraphMaker(seed: seed &+ 1)
    let inputs = graph.arguments.map { maker.tensor(graph[$0]) }
    let expected = try Interpreter(Function(name: "main", graph: graph)).run(inputs)
    let actual = try execution.run([inputs])[0]
    #expect(actual == expected, "seed \(seed)")
    for profile in execution.profiles {
      #expect(profile.cycles >= profile.lowerBound)
      #expect(profile.causes.values.reduce(0, +) == profile.cycles)
    }
    return program
  }

  @Test(arguments: UInt64(1)...25) func convolutions(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let rounding = maker.pick(Rounding.allCases)
    let x = maker.input([1, maker.number(3...14), maker.number(3...14), maker.number(1...20)])
    let y = try maker.convolution(x, channels: maker.number(1...70), rounding: rounding)
    let z = try maker.depthwise(y, multiplier: maker.number(1...2), rounding: rounding)
    let w = try maker.convolution(z, channels: 8, kernel: 1, rounding: .double)
    try check(maker.finish([w]), seed: seed)
  }

  @Test(arguments: UInt64(1)...10) func groupedConvolutions(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let x = maker.input([1, 6, 7, 12])
    let y = try maker.convolution(x, channels: 18, groups: maker.pick([2, 3, 6]), rounding: .single)
    try check(maker.finish([y]), seed: seed)
  }

  @Test(arguments: UInt64(1)...25) func aSmallNetwork(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let graph = try maker.network(side: maker.number(8...20), channels: maker.number(4...24))
    let configuration = maker.pick(NPUConfiguration.all)
    try check(graph, configuration, seed: seed)
  }

  private func smallMemory(_ maker: inout NPUGraphMaker) -> NPUConfiguration {
    var configuration = NPUConfiguration.enpu128
    configuration.sramBytes = 12 << 10
    configuration.memory = maker.pick(NPUMemoryProfile.all)
    return configuration
  }

  private func firstStream(_ program: NPUProgram) throws -> NPUCommandStream {
    guard case .npu(let stream) = program.stages[0].work else {
      throw NPUFailure(reason: "the first stage is no stream")
    }
    return stream
  }

  /// The same networks in a memory so small that tensors pass through it in stripes.
  @Test(arguments: UInt64(1)...25) func stripes(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let graph = try maker.network(side: maker.number(24...33), channels: maker.number(10...16))
    let program = try check(graph, smallMemory(&maker), seed: seed, cascades: false)
    let stream = try firstStream(program)
    #expect(stream.arenaBytes > 0, "seed \(seed): nothing was spilled")
    #expect(stream.sramBytes <= 12 << 10)
  }

  /// The same again with layers computed together, through rings of rows.
  @Test(arguments: UInt64(1)...15) func cascades(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let graph = try maker.network(side: maker.number(24...40), channels: maker.number(8...16))
    let configuration = smallMemory(&maker)
    let plain = try firstStream(try check(graph, configuration, seed: seed, cascades: false))
    let stream = try firstStream(try check(graph, configuration, seed: seed))
    let bytes = try [plain, stream].map { try traffic($0, configuration) }
    #expect(bytes[1] <= bytes[0], "seed \(seed): cascades move more")
  }

  @Test func cascadesKeepTensorsOnTheChip() throws {
    var maker = NPUGraphMaker(seed: 1)
    let graph = try maker.network(side: 32, channels: 8)
    let configuration = smallMemory(&maker)
    let plain = try firstStream(try check(graph, configuration, seed: 1, cascades: false))
    let stream = try firstStream(try check(graph, configuration, seed: 1))
    #expect(stream.instructions.contains { usesRing($0.operation) })
    #expect(try traffic(stream, configuration) < traffic(plain, configuration))
  }

  /// Bytes that cross the off-chip bus in one run.
  private func traffic(
    _ stream: NPUCommandStream, _ configuration: NPUConfiguration
  ) throws -> Int {
    let profile = try NPUSimulator(stream, on: configuration).profile
    return profile.offChipReadBytes + profile.offChipWriteBytes
  }

  private func usesRing(_ operation: NPUOperation) -> Bool {
    switch operation {
    case .convolution(let conv): conv.input.ringRows > 0 || conv.output.ringRows > 0
    case .depthwise(let conv): conv.input.ringRows > 0 || conv.output.ringRows > 0
    default: false
    }
  }

  @Test(arguments: UInt64(1)...20) func elementwise(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let shape: Shape = [1, maker.number(1...6), maker.number(1...9), maker.number(1...24)]
    let x = maker.input(shape)
    let other = maker.pick([shape, [shape[3]], [1, 1, 1, 1], [1, shape[1], 1, shape[3]]])
    let y = maker.constant(other)
    let kind = maker.number(0...2)
    var operation: any Operation
    switch kind {
    case 0:
      var add = Add()
      add.rounding = maker.pick(Rounding.allCases)
      add.minimum = 0
      operation = add
    case 1:
      var subtract = Subtract()
      subtract.rounding = .double
      operation = subtract
    default:
      var multiply = Multiply()
      multiply.rounding = maker.pick(Rounding.allCases)
      operation = multiply
    }
    let z = try maker.insert(operation, [x, y])
    let w = try maker.insert(Sigmoid(), [z])
    let v = try maker.insert(Rescale(to: .i8, rounding: maker.pick(Rounding.allCases)), [w])
    try check(maker.finish([v, z]), seed: seed)
  }

  @Test(arguments: UInt64(1)...15) func movement(seed: UInt64) throws {
    var maker = NPUGraphMaker(seed: seed)
    let (h, w, c) = (maker.number(2...7), maker.number(2...7), maker.number(2...9))
    let x = maker.input([1, h, w, c])
    let y = try maker.convolution(x, channels: c, kernel: 1, rounding: .double)
    var pad = Pad()
    pad.before = [0, 1, 2, 0]
    pad.after = [0, 0, 1, maker.number(0...3)]
    let padded = try maker.insertKeeping(pad, [y])
    var slice = Slice()
    slice.start = [0, 1, 2, 0]
    slice.size = [1, h, w, c]
    let cut = try maker.insertKeeping(slice, [padded])
    let joined = try maker.insertKeeping(Concat(axis: maker.number(1...3)), [cut, y])
    let turned = try maker.insertKeeping(Transpose([0, 2, 3, 1]), [joined])
    let flat = try maker.insertKeeping(Reshape(to: [1, -1]), [turned])
    try check(maker.finish([flat, cut]), seed: seed)
  }

  @Test func floatOperationsStayOnTheCPUWithTheirReason() throws {
    var maker = NPUGraphMaker(seed: 5)
    let real = maker.floatInput([1, 6, 6, 3])
    let x = try maker.insert(Quantize(to: .i8, ties: .even), [real])
    let y = try maker.convolution(x, channels: 5, rounding: .floatEven)
    let z = try maker.insertKeeping(Dequantize(), [y])
    let program = try check(maker.finish([z]), seed: 5, cpuOperations: 2)
    #expect(program.stages.count == 3)
    #expect(program.placements.map(\.unit) == ["cpu", "npu", "cpu"])
    #expect(program.placements[0].reason?.contains("instruction") == true)
  }

  @Test func whatCannotFitGoesToTheCPU() throws {
    var maker = NPUGraphMaker(seed: 9)
    let x = maker.input([1, 64, 64, 8])
    var mean = ReduceMean()
    mean.axes = [1, 2]
    let y = try maker.insert(mean, [x])
    var configuration = NPUConfiguration.enpu128
    configuration.sramBytes = 8 << 10
    let program = try check(maker.finish([y]), configuration, seed: 9, cpuOperations: 1)
    #expect(program.placements[0].reason?.contains("SRAM") == true)
  }

  @Test func compilingTwiceGivesTheSameBytes() throws {
    var streams: [[UInt8]] = []
    for _ in 0..<2 {
      var maker = NPUGraphMaker(seed: 77)
      var builder = NPUProgramBuilder(try maker.network(side: 16, channels: 12), .enpu256)
      guard case .npu(let stream) = try builder.build().stages[0].work else { continue }
      streams.append(try NPUStreamEncoder(stream).encode())
    }
    #expect(streams.count == 2 && streams[0] == streams[1])
  }
}
