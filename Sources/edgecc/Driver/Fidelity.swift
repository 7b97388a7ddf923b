import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How well results agree with a reference, over any number of samples.
struct Fidelity: Sendable {
  private(set) var maximumError: Double = 0
  private(set) var sampleCount: Int = 0
  private var signal: Double = 0
  private var noise: Double = 0
  private var sameTop: Int = 0
  private var topCount: Int = 0
  private var differs: Bool = false

  init() {}

  /// Compares all outputs of all samples; quantised tensors by what they mean.
  init(_ results: [[Tensor]], reference: [[Tensor]]) {
    for (mine, theirs) in zip(results, reference) {
      for (index, pair) in zip(mine, theirs).enumerated() {
        add(pair.0, reference: pair.1, isFirst: index == 0)
      }
    }
  }

  /// Adds one tensor; only the first output of a sample has a say about the top class.
  mutating func add(_ result: Tensor, reference: Tensor, isFirst: Bool = false) {
    guard result.element != .string, result.count == reference.count else {
      differs = differs || result != reference
      return
    }
    let found = result.type.isQuantized ? result.dequantized().doubles() : result.doubles()
    let wanted =
      reference.type.isQuantized ? reference.dequantized().doubles() : reference.doubles()
    for (a, b) in zip(found, wanted) {
      if a == b || (a.isNaN && b.isNaN) {
        if b.isFinite { signal += b * b }
        continue
      }
      differs = true
      guard a.isFinite, b.isFinite else {
        maximumError = .infinity
        continue
      }
      maximumError = max(maximumError, (a - b).magnitude)
      signal += b * b
      noise += (a - b) * (a - b)
    }
    guard isFirst else { return }
    sampleCount += 1
    guard let top = Fidelity.top(wanted), wanted.count > 1 else { return }
    topCount += 1
    if Fidelity.top(found) == top { sameTop += 1 }
  }

  var isExact: Bool { !differs }

  /// Signal over noise in decibels; infinite where nothing differs.
  var signalToNoise: Double {
    if !differs { return .infinity }
    if maximumError == .infinity || signal == 0 { return -.infinity }
    return noise == 0 ? .infinity : 10 * log10(signal / noise)
  }

  /// The share of samples whose largest output is the same; nil where outputs are single values.
  var topAgreement: Double? { topCount == 0 ? nil : Double(sameTop) / Double(topCount) }

  var json: JSON {
    .object([
      ("samples", .int(sampleCount)),
      ("max_error", .measure(maximumError)),
      ("sqnr_db", isExact ? .string("exact") : .measure(signalToNoise)),
      ("top1_agreement", topAgreement.map { JSON.measure($0) } ?? .null),
    ])
  }

  /// The index of the largest value, the first of equals; nil for none.
  static func top(_ values: [Double]) -> Int? {
    guard var best = values.indices.first else { return nil }
    for index in values.indices where values[index] > values[best] { best = index }
    return best
  }

  /// The share of samples whose first output is largest at the label.
  static func accuracy(_ results: [[Tensor]], labels: [Int]) -> (correct: Int, total: Int) {
    var correct = 0
    for (outputs, label) in zip(results, labels) {
      guard let first = outputs.first, first.element != .string else { continue }
      if top(first.doubles()) == label { correct += 1 }
    }
    return (correct, min(results.count, labels.count))
  }
}
