import Frontends
import IR

/// How far a stage may be from its reference.
enum StageLimit: Sendable {
  /// Every bit.
  case exact
  /// As floats that were summed in another order.
  case close
  /// As floats that were rounded to few bits: signal over noise in decibels, at least.
  case signalToNoise(Double)

  private static let closeTolerance: Tolerance = {
    var tolerance = Tolerance()
    (tolerance.rtol, tolerance.atol, tolerance.relmax) = (1e-3, 1e-6, 1e-4)
    return tolerance
  }()

  /// Whether `results` are near enough to `reference`, output by output.
  func accepts(_ results: [[Tensor]], _ reference: [[Tensor]]) -> Bool {
    if case .signalToNoise(let minimum) = self {
      return Fidelity(results, reference: reference).signalToNoise >= minimum
    }
    return zip(results, reference).allSatisfy { pair in
      zip(pair.0, pair.1).allSatisfy { accepts($0, $1) }
    }
  }

  /// Whether one tensor is near enough to another of the same shape.
  func accepts(_ result: Tensor, _ reference: Tensor) -> Bool {
    switch self {
    case .signalToNoise(let minimum):
      var fidelity = Fidelity()
      fidelity.add(result, reference: reference)
      return fidelity.signalToNoise >= minimum
    case .exact:
      return compare(result, reference, Comparison(tolerance: exactTolerance))
    case .close:
      return compare(result, reference, Comparison(tolerance: StageLimit.closeTolerance))
    }
  }

  private var exactTolerance: Tolerance {
    var tolerance = Tolerance()
    (tolerance.rtol, tolerance.atol) = (0, 0)
    return tolerance
  }

  /// By meaning where only one of them is quantised, else by what is stored.
  private func compare(_ result: Tensor, _ reference: Tensor, _ comparison: Comparison) -> Bool {
    if result.element == reference.element { return comparison.mismatch(result, reference) == nil }
    return comparison.mismatch(result.dequantized(), reference.dequantized()) == nil
  }

  var text: String {
    switch self {
    case .exact: "exact"
    case .close: "float tolerance"
    case .signalToNoise(let minimum): "SQNR ≥ \(Format.fixed(minimum, 0)) dB"
    }
  }
}
