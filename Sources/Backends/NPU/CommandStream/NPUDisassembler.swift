/// Prints a stream as text: one instruction per line, its source node behind a semicolon.
public struct NPUDisassembler {
  private let stream: NPUCommandStream

  public init(_ stream: NPUCommandStream) { self.stream = stream }

  public func disassemble() -> String {
    var lines: [String] = []
    lines.append("; ENPU \(NPUCommandStream.major).\(NPUCommandStream.minor)")
    lines.append("; machine \(stream.configurationText)")
    for region in NPURegion.allCases {
      lines.append("; \(region): \(stream.size(of: region)) bytes")
    }
    for port in stream.ports {
      let shape: String = port.shape.map(String.init).joined(separator: "x")
      let type: String = "\(port.element) \(shape) scale \(port.scale) zero \(port.zeroPoint)"
      lines.append("; \(port.region) \"\(port.name)\" at \(port.offset): \(type)")
    }
    for (index, instruction) in stream.instructions.enumerated() {
      lines.append("\(index): \(Self.line(for: instruction))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One instruction, without a line break.
  public static func line(for instruction: NPUInstruction) -> String {
    var words: [String] = ["\(instruction.queue)", instruction.operation.opcode.mnemonic]
    if let wait = instruction.wait { words.append("wait=s\(wait)*\(instruction.count)") }
    if let signal = instruction.signal { words.append("signal=s\(signal)") }
    var printer = NPUFieldPrinter()
    // The printer accepts every value, so it cannot throw.
    try? instruction.operation.visit(&printer)
    words += printer.words
    if !instruction.source.isEmpty { words.append("; \(instruction.source)") }
    return words.joined(separator: " ")
  }
}

/// Prints a payload's fields as `group.field=value`.
struct NPUFieldPrinter: NPUFieldVisitor {
  var words: [String] = []
  private var groups: [String] = []

  mutating func field(
    _ name: String, _ value: inout Int, _ width: NPUFieldWidth, _ limits: ClosedRange<Int>
  ) throws {
    if name == "reserved" { return }
    let path: String = (groups + [name]).joined(separator: ".")
    let isRegion: Bool = name == "region" && NPURegion.allCases.indices.contains(value)
    words.append(isRegion ? "\(path)=\(NPURegion.allCases[value])" : "\(path)=\(value)")
  }

  mutating func enter(_ group: String) { groups.append(group) }
  mutating func leave() { groups.removeLast() }
}
