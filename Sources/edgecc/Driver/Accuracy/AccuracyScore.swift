import IR

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How well a model answers labelled samples, and how near it is to the float model.
struct AccuracyScore: Sendable {
  let correct: Int
  let total: Int
  /// The mean cross entropy of the first output, in nats.
  let loss: Double
  /// Against the float model; exact for that itself.
  let fidelity: Fidelity

  init(_ results: [[Tensor]], reference: [[Tensor]], labels: [Int]) {
    (correct, total) = Fidelity.accuracy(results, labels: labels)
    let losses = zip(results, labels).compactMap { AccuracyScore.loss($0, label: $1) }
    loss = losses.isEmpty ? .nan : losses.reduce(0, +) / Double(losses.count)
    fidelity = Fidelity(results, reference: reference)
  }

  var accuracy: Double { total == 0 ? 0 : Double(correct) / Double(total) }

  func reaches(_ floor: Double) -> Bool { accuracy >= floor - 1e-12 }

  /// Cross entropy of one sample: outputs that are no probabilities are taken for their logarithms,
  /// up to a constant.
  private static func loss(_ outputs: [Tensor], label: Int) -> Double? {
    guard let first = outputs.first, first.element != .string else { return nil }
    let values = first.type.isQuantized ? first.dequantized().doubles() : first.doubles()
    guard values.indices.contains(label), let largest = values.max(), largest.isFinite else {
      return nil
    }
    let sum = values.reduce(0, +)
    if values.allSatisfy({ $0 >= 0 }), (sum - 1).magnitude < 0.05 {
      return -log(max(values[label] / sum, 1e-9))
    }
    return log(values.reduce(0) { $0 + exp($1 - largest) }) - (values[label] - largest)
  }

  var json: JSON {
    .object([
      ("correct", .int(correct)), ("samples", .int(total)), ("accuracy", .measure(accuracy)),
      ("loss", .measure(loss)),
      ("sqnr_db", fidelity.isExact ? .string("exact") : .measure(fidelity.signalToNoise)),
    ])
  }
}
