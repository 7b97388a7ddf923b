import Testing

@testable import Backends

@Suite struct NPUTimingTests {
  private func dram() -> NPUConfiguration {
    var configuration = NPUConfiguration.enpu256
    configuration.memory = .dram
    return configuration
  }

  private func profile(
    _ instructions: [NPUInstruction], _ configuration: NPUConfiguration
  ) throws -> NPUProfile {
    let stream = NPUCommandStream(
      for: configuration, instructions: instructions + [NPUInstruction(.end, on: .mac)],
      constants: Array(repeating: 1, count: 32768), inputBytes: 65536, outputBytes: 65536,
      sramBytes: 262144)
    return try NPUSimulator(stream, on: configuration).profile
  }

  @Test(arguments: [64, 128, 640, 6144, 49152])
  func transferTakesLatencyPlusBytesOverBandwidth(bytes: Int) throws {
    for configuration in [NPUConfiguration.enpu256, dram()] {
      let copy = NPULinearCopy(from: NPUAddress(.input, 0), to: NPUAddress(.sram, 0), bytes: bytes)
      let result = try profile([NPUInstruction(.copy(copy), on: .dmaIn)], configuration)
      let record = result.records[0]
      let issue: Int = 8 + 2
      let memory = configuration.memory
      let data: Int = (bytes + memory.bytesPerCycle - 1) / memory.bytesPerCycle
      #expect(record.end - record.start == issue + memory.latency + data)
      #expect(result.offChipReadBytes == bytes)
    }
  }

  @Test func latencyOfTheSecondTransferIsHidden() throws {
    let copies: [NPUInstruction] = (0..<8).map { index in
      let copy = NPULinearCopy(
        from: NPUAddress(.input, index * 6144), to: NPUAddress(.sram, index * 6144), bytes: 6144)
      return NPUInstruction(.copy(copy), on: .dmaIn)
    }
    let result = try profile(copies, dram())
    // 6144 bytes take 512 cycles, more than issue and latency: the bus never rests between them.
    let issue: Int = 10
    #expect(result.records.map(\.end).dropLast().max() == issue + 500 + 8 * 512)
  }

  @Test func tooFewBurstsInFlightLimitTheRate() {
    var memory = NPUMemoryProfile.dram
    memory.outstanding = 8
    #expect(memory.transferCycles(10240) == 10240 * 500 / 1024)
  }

  @Test(arguments: 0..<3) func alignedConvolutionFillsTheArray(shape: Int) throws {
    let configuration = NPUConfiguration.enpu256
    let input = NPUFeatureMap(.sram, 0, height: 18, width: 18, channels: 64)
    let output = NPUFeatureMap(.sram, 32768, height: 16, width: 16, channels: 32)
    let conv = NPUConvolution(
      input: input, output: output, weights: NPUAddress(.sram, 65536),
      records: NPUAddress(.sram, 131072), window: NPUWindow(height: 3, width: 3),
      stage: NPUOutputStage(), shape: shape)
    let result = try profile([NPUInstruction(.convolution(conv), on: .mac)], configuration)
    let array = configuration.shapes[shape]
    let tiles: Int = 256 / array.pixels * (32 / array.channels)
    var payload = NPUFieldCounter()
    try NPUOperation.convolution(conv).visit(&payload)
    let issue: Int = 8 + (payload.bytes + 15) / 16
    let fill: Int = array.pixels + array.channels
    let expected: Int = issue + fill + tiles * 576 + 256 / configuration.lanes + 8
    #expect(result.records[0].end == expected)
    #expect(result.macs == 256 * 32 * 576)
    #expect(result.utilisation > 0.97)
  }

  @Test func depthwiseIsBoundByTheDrain() throws {
    let input = NPUFeatureMap(.sram, 0, height: 34, width: 34, channels: 32)
    let output = NPUFeatureMap(.sram, 65536, height: 32, width: 32, channels: 32)
    let conv = NPUDepthwise(
      input: input, output: output, weights: NPUAddress(.sram, 131072),
      records: NPUAddress(.sram, 140000), window: NPUWindow(height: 3, width: 3),
      stage: NPUOutputStage(), shape: 1)
    let result = try profile([NPUInstruction(.depthwise(conv), on: .mac)], .enpu256)
    // 128 tiles of 16 × 16 results: 9 cycles of products, 16 of drain.
    #expect(result.causes[.compute] == 128 * 9)
    #expect((result.causes[.drain] ?? 0) + (result.causes[.operandFetch] ?? 0) >= 128 * 7)
    #expect(result.utilisation > 0.5)
  }

  @Test(arguments: UInt64(1)...40) func causesAddUpAndBoundsHold(seed: UInt64) throws {
    var generator = NPURandom(seed: seed)
    var list: [NPUInstruction] = []
    for index in 0..<20 {
      let bytes = Int.random(in: 1...4096, using: &generator)
      let load = NPULinearCopy(
        from: NPUAddress(.input, index * 128), to: NPUAddress(.sram, 0), bytes: bytes)
      list.append(NPUInstruction(.copy(load), on: .dmaIn, wait: index > 1 ? 1 : nil, signal: 0))
      let side = Int.random(in: 1...9, using: &generator)
      let channels = Int.random(in: 1...40, using: &generator)
      let map = NPUFeatureMap(.sram, 0, height: side, width: side, channels: 8)
      let out = NPUFeatureMap(.sram, 16384, height: side, width: side, channels: channels)
      let conv = NPUConvolution(
        input: map, output: out, weights: NPUAddress(.sram, 32768),
        records: NPUAddress(.sram, 65536), window: NPUWindow(height: 1, width: 1),
        stage: NPUOutputStage(), shape: index % 3)
      list.append(NPUInstruction(.convolution(conv), on: .mac, wait: 0, signal: 2))
      let rows = Int.random(in: 1...30, using: &generator)
      let store = NPUStridedCopy(
        from: NPUAddress(.sram, 16384), to: NPUAddress(.output, 0), planes: 1, rows: rows,
        bytes: 100, sourcePlane: 0, sourceRow: 100, destinationPlane: 0, destinationRow: 160)
      list.append(NPUInstruction(.stridedCopy(store), on: .dmaOut, wait: 2, signal: 1))
    }
    // The stream races on purpose, so the engine is run without the verifier.
    let configuration: NPUConfiguration = seed % 2 == 0 ? dram() : .enpu256
    let stream = NPUCommandStream(
      for: configuration, instructions: list + [NPUInstruction(.end, on: .mac)])
    var engine = NPUEventEngine(stream, configuration)
    try engine.run()
    let cycles: Int = try #require(engine.records.last).end
    let timeline = NPUTimeline(timelines: engine.timelines)
    #expect(timeline.causes().values.reduce(0, +) == cycles, "seed \(seed)")
    for (queue, causes) in timeline.queueCauses() {
      #expect(causes.values.reduce(0, +) == cycles, "seed \(seed), \(queue)")
    }
    let macs: Int = engine.records.map(\.macs).reduce(0, +)
    let bytes: Int = engine.records.map(\.offChipBytes).reduce(0, +)
    #expect(cycles * configuration.macsPerCycle >= macs, "seed \(seed)")
    #expect(cycles * configuration.memory.bytesPerCycle >= bytes, "seed \(seed)")
    for record in engine.records {
      #expect(record.segments.first?.start == record.start)
      #expect(record.segments.last?.end == record.end)
      #expect(record.segments.map(\.cycles).reduce(0, +) == record.end - record.start)
    }
  }

  @Test func traceNamesItsTracks() throws {
    let copy = NPULinearCopy(from: NPUAddress(.input, 0), to: NPUAddress(.sram, 0), bytes: 64)
    let result = try profile([NPUInstruction(.copy(copy), on: .dmaIn, source: "a\"b")], .enpu256)
    let json = NPUTrace(result).json()
    #expect(json.contains("\"DMA1D a\\\"b\""))
    #expect(json.contains("\"name\":\"transfer\""))
  }
}
