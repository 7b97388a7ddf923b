/// Runs a command stream: computes every value and counts every cycle.
///
/// Timing does not depend on data, so it is found once; `run(_:)` then only computes values, in an
/// order that the timing allows.
public final class NPUSimulator {
  public let profile: NPUProfile
  private let stream: NPUCommandStream
  private let order: [Int]
  private let executor: NPUExecutor

  /// Throws the first `NPUFinding` if the stream is not sound for the machine.
  public init(_ stream: NPUCommandStream, on configuration: NPUConfiguration) throws {
    if let finding = NPUVerifier(stream, for: configuration).verify().first { throw finding }
    var engine = NPUEventEngine(stream, configuration)
    try engine.run()
    self.stream = stream
    order = engine.records.map(\.instruction)
    executor = NPUExecutor(memory: NPUMemory(for: stream))
    profile = Self.makeProfile(engine, stream, configuration)
  }

  /// One run. `input` is the content of the input region; the result is that of the output region.
  /// Throws if the byte count is wrong.
  public func run(_ input: [UInt8]) throws -> [UInt8] {
    guard input.count == stream.inputBytes else {
      let reason: String = "input of \(input.count) bytes, the stream reads \(stream.inputBytes)"
      throw NPUFinding(.address, reason)
    }
    executor.memory.write(input, to: .input)
    for index in order { executor.execute(stream.instructions[index].operation) }
    return executor.memory.read(.output)
  }

  /// One run by port: the bytes of every input port in, those of every output port out. Throws if
  /// a port is missing or has the wrong size.
  public func run(ports: [String: [UInt8]]) throws -> [String: [UInt8]] {
    var input: [UInt8] = Array(repeating: 0, count: stream.inputBytes)
    for port in stream.ports where port.region == .input {
      guard let bytes = ports[port.name], bytes.count == port.byteCount else {
        throw NPUFinding(.address, "input \(port.name) needs \(port.byteCount) bytes")
      }
      input.replaceSubrange(port.offset..<(port.offset + bytes.count), with: bytes)
    }
    let output = try run(input)
    var results: [String: [UInt8]] = [:]
    for port in stream.ports where port.region == .output {
      results[port.name] = Array(output[port.offset..<(port.offset + port.byteCount)])
    }
    return results
  }

  /// The content of a region after the last run, for tests and for locating a difference.
  public func contents(of region: NPURegion) -> [UInt8] { executor.memory.read(region) }

  private static func makeProfile(
    _ engine: NPUEventEngine, _ stream: NPUCommandStream, _ configuration: NPUConfiguration
  ) -> NPUProfile {
    let timeline = NPUTimeline(timelines: engine.timelines)
    var profile = NPUProfile(
      configuration: configuration, cycles: engine.records.last?.end ?? 0,
      records: engine.records, queueCauses: timeline.queueCauses(), causes: timeline.causes(),
      macs: 0, offChipReadBytes: 0, offChipWriteBytes: 0, sramBytes: stream.sramBytes)
    for record in engine.records {
      profile.macs += record.macs
      let operation = stream.instructions[record.instruction].operation
      let shape = NPUTransferShape(operation, configuration.memory)
      if shape?.reads == true {
        profile.offChipReadBytes += record.offChipBytes
      } else {
        profile.offChipWriteBytes += record.offChipBytes
      }
    }
    return profile
  }
}
