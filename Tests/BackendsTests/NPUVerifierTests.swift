import Testing

@testable import Backends

@Suite struct NPUVerifierTests {
  private func stream(_ instructions: [NPUInstruction]) -> NPUCommandStream {
    NPUCommandStream(
      for: .enpu256, instructions: instructions + [NPUInstruction(.end, on: .mac)],
      arenaBytes: 4096, inputBytes: 4096, outputBytes: 4096, sramBytes: 4096)
  }

  private func load(_ offset: Int, wait: Int? = nil, signal: Int? = nil) -> NPUInstruction {
    let copy = NPULinearCopy(
      from: NPUAddress(.input, 0), to: NPUAddress(.sram, offset), bytes: 256)
    return NPUInstruction(.copy(copy), on: .dmaIn, wait: wait, signal: signal)
  }

  private func store(_ offset: Int, wait: Int? = nil, signal: Int? = nil) -> NPUInstruction {
    let copy = NPULinearCopy(
      from: NPUAddress(.sram, offset), to: NPUAddress(.output, 0), bytes: 256)
    return NPUInstruction(.copy(copy), on: .dmaOut, wait: wait, signal: signal)
  }

  private func kinds(_ instructions: [NPUInstruction]) -> [NPUFinding.Kind] {
    NPUVerifier(stream(instructions), for: .enpu256).verify().map(\.kind)
  }

  @Test func orderedCopiesAreSound() {
    #expect(kinds([load(0, signal: 1), store(0, wait: 1)]).isEmpty)
    #expect(kinds([load(0), NPUInstruction(.fence, on: .mac), store(0)]).isEmpty)
  }

  @Test func unorderedCopiesRace() {
    #expect(kinds([load(0), store(0)]) == [.race])
    #expect(kinds([load(0), store(255)]) == [.race])
    #expect(kinds([load(0), store(256)]).isEmpty)
  }

  @Test func orderThroughAThirdQueueCounts() {
    let pass = NPUInstruction(.nop, on: .vector, wait: 1, signal: 2)
    #expect(kinds([load(0, signal: 1), pass, store(0, wait: 2)]).isEmpty)
  }

  @Test func crossedWaitsAreADeadlock() {
    #expect(kinds([load(0, wait: 2, signal: 1), store(0, wait: 1, signal: 2)]) == [.deadlock])
    #expect(kinds([store(0, wait: 1)]) == [.deadlock])
  }

  @Test func addressesStayInside() {
    #expect(kinds([load(4096 - 255)]) == [.address])
    #expect(kinds([load(4096 - 256)]).isEmpty)
  }

  @Test func onlyTheDMAReachesOffChipMemory() {
    let map = NPUFeatureMap(.arena, 0, height: 2, width: 2, channels: 4)
    let chip = NPUFeatureMap(.sram, 0, height: 2, width: 2, channels: 4)
    let lookup = NPUTableLookup(input: map, output: chip, table: 0)
    #expect(kinds([NPUInstruction(.tableLookup(lookup), on: .vector)]) == [.operand])
  }

  @Test func otherMachinesAreRefused() {
    let findings = NPUVerifier(stream([]), for: .enpu512).verify()
    #expect(findings.map(\.kind) == [.configuration])
  }

  @Test func aSemaphoreHasOneRaiserAndOneTaker() {
    #expect(kinds([load(0, signal: 1), store(512, signal: 1)]) == [.semaphore])
  }
}
