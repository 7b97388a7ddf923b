import IR
import Testing

@testable import Backends

/// A small reproducible generator (SplitMix64, Steele et al. 2014).
struct NPURandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

/// Supplies every field with a random value inside its limits.
private struct RandomFields: NPUFieldVisitor {
  var generator: NPURandom

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    value = Int.random(in: limits.clamped(to: width.range), using: &generator)
  }

  mutating func enter(_ group: String) {}
  mutating func leave() {}
}

@Suite struct NPUStreamTests {
  private func randomStream(seed: UInt64) throws -> NPUCommandStream {
    var fields = RandomFields(generator: NPURandom(seed: seed))
    var stream = NPUCommandStream(for: .enpu256)
    for index in 0..<40 {
      let opcode = try #require(NPUOpcode.allCases.randomElement(using: &fields.generator))
      let queue = try #require(NPUQueue.allCases.randomElement(using: &fields.generator))
      let operation = try NPUOperation(opcode, reading: &fields)
      let signal: Int? = Bool.random(using: &fields.generator) ? index % 16 : nil
      let source: String = index % 3 == 0 ? "" : "node \"\(index % 5)\" é"
      stream.instructions.append(
        NPUInstruction(
          operation, on: queue, wait: signal.map { 15 - $0 }, count: 1 + index, signal: signal,
          source: source))
    }
    stream.constants = fields.generator.bytes(777)
    stream.arenaBytes = 4096
    stream.sramBytes = 1 << 17
    stream.inputBytes = 96
    stream.ports = [
      NPUPort(
        name: "image", region: .input, offset: 0, element: .int8, shape: [1, 4, 8, 3], scale: 0.25,
        zeroPoint: -7)
    ]
    return stream
  }

  @Test(arguments: UInt64(1)...30) func decodingInvertsEncoding(seed: UInt64) throws {
    let stream = try randomStream(seed: seed)
    let bytes = try NPUStreamEncoder(stream).encode()
    let decoded = try NPUStreamDecoder(bytes).decode()
    #expect(decoded == stream, "seed \(seed)")
    #expect(try NPUStreamEncoder(decoded).encode() == bytes, "seed \(seed)")
  }

  @Test func everyBitFlipIsFound() throws {
    let bytes = try NPUStreamEncoder(randomStream(seed: 99)).encode()
    var generator = NPURandom(seed: 7)
    for _ in 0..<400 {
      var damaged = bytes
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(throws: NPUStreamError.self, "byte \(place)") {
        try NPUStreamDecoder(damaged).decode()
      }
    }
  }

  @Test func everyTruncationIsFound() throws {
    let bytes = try NPUStreamEncoder(randomStream(seed: 5)).encode()
    for count in stride(from: 0, to: bytes.count, by: 37) {
      #expect(throws: NPUStreamError.self) { try NPUStreamDecoder(Array(bytes[..<count])).decode() }
    }
  }

  /// Damage behind valid checksums: the decoder must refuse it or read it, never trap, and what it
  /// reads the verifier must survive.
  @Test func damageWithValidChecksumsNeverTraps() throws {
    let bytes = try NPUStreamEncoder(randomStream(seed: 3)).encode()
    var generator = NPURandom(seed: 11)
    var refused: Int = 0
    for _ in 0..<1500 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 16..<bytes.count, using: &generator)
        damaged[place] = UInt8.random(in: 0...255, using: &generator)
      }
      repairChecksums(&damaged)
      do {
        let stream = try NPUStreamDecoder(damaged).decode()
        #expect(!NPUVerifier(stream, for: .enpu256).verify().isEmpty)
        #expect(!NPUDisassembler(stream).disassemble().isEmpty)
      } catch is NPUStreamError {
        refused += 1
      }
    }
    #expect(refused > 300)
  }

  private func repairChecksums(_ bytes: inout [UInt8]) {
    let checksum = NPUChecksum()
    func word(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    func put(_ value: UInt32, _ offset: Int) {
      for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }
    for section in 0..<min(word(16), 7) {
      let entry: Int = 32 + 16 * section
      let offset: Int = word(entry + 4)
      let end: Int = offset + word(entry + 8)
      if offset <= end && end <= bytes.count { put(checksum(bytes[offset..<end]), entry + 12) }
    }
    put(0, 28)
    let header: Int = word(20)
    if header <= bytes.count { put(checksum(bytes[0..<header]), 28) }
  }

  @Test func checksumOfThePublishedVector() {
    // RFC 3720, section B.4: 32 bytes of zeros.
    #expect(NPUChecksum()([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
  }

  @Test func disassemblyNamesOperationAndSource() throws {
    var stream = NPUCommandStream(for: .enpu256)
    let copy = NPULinearCopy(from: NPUAddress(.input, 4), to: NPUAddress(.sram, 64), bytes: 12)
    stream.instructions = [
      NPUInstruction(.copy(copy), on: .dmaIn, wait: 2, count: 3, signal: 1, source: "Conv_0")
    ]
    let text = NPUDisassembler(stream).disassemble()
    let line: String =
      "0: dmaIn DMA1D wait=s2*3 signal=s1 source.region=input source.offset=4 "
      + "destination.region=sram destination.offset=64 bytes=12 ; Conv_0\n"
    #expect(text.hasSuffix(line))
  }

  @Test func fieldOutsideItsLimitsIsNotEncoded() {
    var stream = NPUCommandStream(for: .enpu256)
    stream.instructions = [NPUInstruction(.mark(NPUMark(label: -1)), on: .mac)]
    #expect(throws: NPUStreamError.self) { try NPUStreamEncoder(stream).encode() }
  }
}
