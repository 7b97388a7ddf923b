/// A run as a trace that Perfetto and chrome://tracing open: one track per queue, one slice per
/// stretch of cycles with one cause. Times are microseconds at the configuration's clock.
public struct NPUTrace: Sendable {
  private let profile: NPUProfile

  public init(_ profile: NPUProfile) { self.profile = profile }

  /// Trace Event Format, JSON object form.
  public func json() -> String {
    var events: [String] = []
    for queue in NPUQueue.allCases {
      let name: String = "{\"name\":\"\(queue)\"}"
      let head: String = "{\"ph\":\"M\",\"pid\":1,\"tid\":\(queue.rawValue)"
      events.append("\(head),\"name\":\"thread_name\",\"args\":\(name)}")
    }
    for record in profile.records {
      let label: String = record.source.isEmpty ? record.opcode.mnemonic : record.source
      let name: String = Self.quoted("\(record.opcode.mnemonic) \(label)")
      events.append(
        slice(name, record.queue, record.start, record.end, "\"instruction\":\(record.instruction)"))
      for segment in record.segments {
        let cause: String = Self.quoted(segment.cause.rawValue)
        let cycles: String = "\"cycles\":\(segment.cycles)"
        events.append(slice(cause, record.queue, segment.start, segment.end, cycles))
      }
    }
    return "{\"traceEvents\":[\n" + events.joined(separator: ",\n") + "\n]}\n"
  }

  private func slice(
    _ name: String, _ queue: NPUQueue, _ start: Int, _ end: Int, _ arguments: String
  ) -> String {
    let clock = Double(profile.configuration.clockMHz)
    let time: String = "\"ts\":\(Double(start) / clock),\"dur\":\(Double(end - start) / clock)"
    let place: String = "\"ph\":\"X\",\"pid\":1,\"tid\":\(queue.rawValue)"
    return "{\"name\":\(name),\(place),\(time),\"args\":{\(arguments)}}"
  }

  private static func quoted(_ text: String) -> String {
    var result: String = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        result += "\\\(scalar)"
      } else if scalar.value < 32 {
        let hex: String = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
