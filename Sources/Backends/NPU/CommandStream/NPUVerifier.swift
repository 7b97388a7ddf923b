/// Something a stream must not do, found before it runs.
public struct NPUFinding: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Hashable, Sendable {
    case configuration, queue, address, operand, semaphore, deadlock, race, end
  }

  public var kind: Kind
  /// Index of the instruction at fault, if there is one.
  public var instruction: Int?
  public var reason: String

  public init(_ kind: Kind, at instruction: Int? = nil, _ reason: String) {
    self.kind = kind
    self.instruction = instruction
    self.reason = reason
  }

  public var description: String {
    let place: String = instruction.map { " at instruction \($0)" } ?? ""
    return "\(kind.rawValue)\(place): \(reason)"
  }
}

/// Proves a stream fit to run: all addresses inside their regions, operands that agree, no deadlock
/// and no two unordered instructions that touch the same byte when one writes it.
public struct NPUVerifier {
  private let stream: NPUCommandStream
  private let configuration: NPUConfiguration

  public init(_ stream: NPUCommandStream, for configuration: NPUConfiguration) {
    self.stream = stream
    self.configuration = configuration
  }

  /// All findings; empty means the stream is sound.
  public func verify() -> [NPUFinding] {
    var findings: [NPUFinding] = []
    if stream.configurationDigest != configuration.digest {
      let reason: String = "made for \(stream.configurationText)"
      findings.append(NPUFinding(.configuration, reason))
    }
    if stream.sramBytes > configuration.sramBytes {
      let reason: String = "needs \(stream.sramBytes) bytes of SRAM of \(configuration.sramBytes)"
      findings.append(NPUFinding(.configuration, reason))
    }
    for port in stream.ports {
      if port.offset + port.byteCount > stream.size(of: port.region) {
        findings.append(NPUFinding(.address, "port \(port.name) is outside its region"))
      }
    }
    if stream.instructions.last?.operation != .end {
      findings.append(NPUFinding(.end, "the last instruction is not END"))
    }
    for (index, instruction) in stream.instructions.enumerated() {
      check(instruction, at: index, &findings)
    }
    guard findings.isEmpty else { return findings }
    return NPUOrderCheck(stream.instructions).findings()
  }

  private func check(_ instruction: NPUInstruction, at index: Int, _ out: inout [NPUFinding]) {
    let operation = instruction.operation
    if !operation.opcode.queues.contains(instruction.queue) {
      let reason: String = "\(operation.opcode.mnemonic) cannot run on \(instruction.queue)"
      out.append(NPUFinding(.queue, at: index, reason))
    }
    if operation == .end && index + 1 != stream.instructions.count {
      out.append(NPUFinding(.end, at: index, "END is not the last instruction"))
    }
    let isBarrier: Bool = operation == .end || operation == .fence
    if isBarrier && (instruction.wait != nil || instruction.signal != nil) {
      out.append(NPUFinding(.semaphore, at: index, "END and FENCE take no semaphores"))
    }
    if (operation == .wait) && instruction.wait == nil
      || (operation == .signal) && instruction.signal == nil
    {
      out.append(NPUFinding(.semaphore, at: index, "no semaphore is named"))
    }
    if instruction.wait != nil && !(1...255).contains(instruction.count) {
      out.append(NPUFinding(.semaphore, at: index, "count \(instruction.count)"))
    }
    let access = operation.access
    for extent in access.reads + access.writes {
      if extent.lower < 0 || extent.upper > stream.size(of: extent.region) {
        let size: Int = stream.size(of: extent.region)
        let range: String = "\(extent.lower)..<\(extent.upper)"
        let reason: String = "\(range) is outside \(extent.region) of \(size) bytes"
        out.append(NPUFinding(.address, at: index, reason))
      }
    }
    for extent in access.writes where extent.region == .constants || extent.region == .input {
      out.append(NPUFinding(.address, at: index, "writes to \(extent.region)"))
    }
    for reason in NPUOperandCheck(configuration).reasons(against: instruction) {
      out.append(NPUFinding(.operand, at: index, reason))
    }
  }
}
