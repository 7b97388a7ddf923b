import IR

/// The figures of one inference over all its streams.
struct NPUReport {
  private let profiles: [NPUProfile]

  init(_ profiles: [NPUProfile]) { self.profiles = profiles }

  var cycles: Int { profiles.map(\.cycles).reduce(0, +) }
  var macs: Int { profiles.map(\.macs).reduce(0, +) }
  var offChipBytes: Int {
    profiles.map { $0.offChipReadBytes + $0.offChipWriteBytes }.reduce(0, +)
  }

  /// Multiply-accumulates of those that the array could have done, in per cent.
  var utilisation: Double {
    let peak: Int = profiles.first?.configuration.macsPerCycle ?? 1
    return cycles == 0 ? 0 : 100 * Double(macs) / Double(cycles * peak)
  }

  /// Cycles, and what they went to.
  var metrics: [Metric] {
    var result: [Metric] = [
      Metric("cycles", "cycles", Double(cycles), "cycles"),
      Metric("utilization", "array utilisation", utilisation, "percent"),
    ]
    for cause in NPUCause.allCases {
      let total: Int = profiles.map { $0.causes[cause] ?? 0 }.reduce(0, +)
      if total == 0 { continue }
      let key: String = "cycles_\(Self.snake(cause.rawValue))"
      result.append(Metric(key, "cycles, \(cause.title)", Double(total), "cycles"))
    }
    return result
  }

  private static func snake(_ name: String) -> String {
    var result: String = ""
    var wasUpper: Bool = true
    for letter in name {
      if letter.isUppercase && !wasUpper { result += "_" }
      wasUpper = letter.isUppercase
      result += letter.lowercased()
    }
    return result
  }
}

extension NPUCause {
  /// For people.
  var title: String {
    switch self {
    case .compute: "computing"
    case .drain: "draining results"
    case .operandFetch: "fetching operands"
    case .fill: "filling pipelines"
    case .finalDrain: "draining the last tile"
    case .transfer: "moving data"
    case .arbitration: "waiting for the bus"
    case .latency: "memory latency"
    case .issue: "issuing instructions"
    case .waitForDMAIn: "waiting for loads"
    case .waitForDMAOut: "waiting for stores"
    case .waitForMAC: "waiting for the array"
    case .waitForVector: "waiting for the vector unit"
    case .fence: "at fences"
    case .idle: "idle"
    }
  }
}
