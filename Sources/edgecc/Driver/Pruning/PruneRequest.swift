import IR
import Passes

/// What the user says about pruning.
struct PruneRequest: Sendable {
  enum Amount: Sendable {
    /// The part of the multiply-accumulates that goes.
    case ratio(Double)
    /// As little as keeps the model within limits.
    case budget(PruneBudget)
  }

  var amount: Amount
  /// nil leaves it to what there is to go by.
  var importance: ChannelImportance?
  var scope: ChannelScope = .global
  /// Layers keep a multiple of so many channels.
  var multiple: Int = 1

  /// Pruning without any samples of real data.
  ///
  /// Synthetic samples say nothing about what the model sees: fitting to them does harm.
  func importance(hasSamples: Bool) throws -> ChannelImportance {
    guard !hasSamples else { return importance ?? .reconstruction }
    guard let importance else { return .l2 }
    if importance.needsSamples {
      throw Diagnostic.error(
        "--prune-importance \(importance.rawValue) needs samples of what the model will see",
        help: ["give some with --calibration FILE.npz", "l1 and l2 go by the weights alone"])
    }
    return importance
  }

  /// The passes that prune by `ratio`.
  func pipeline(ratio: Double, hasSamples: Bool) throws -> String {
    prunePipeline(
      ratio: ratio, multiple: multiple, importance: try importance(hasSamples: hasSamples),
      scope: scope, refits: hasSamples)
  }
}

/// Limits of a model's cost: `macs=1.2M,flash=64K`.
struct PruneBudget: Sendable {
  struct Limit: Hashable, Sendable {
    let figure: Figure
    let value: Double
  }

  /// What a budget may limit.
  enum Figure: String, Sendable, CaseIterable {
    case macs, cycles, flash, ram, weights

    var isBytes: Bool { self != .macs && self != .cycles }

    /// The keys of the figures, of any unit, that it stands for: the first that a target reports.
    var keys: [String] {
      switch self {
      case .macs: [PrunedCost.macs]
      case .cycles: ["cycles"]
      case .flash: ["flash_bytes", "weight_bytes"]
      case .ram: ["ram_bytes", "arena_bytes", "sram_bytes"]
      case .weights: ["weight_bytes", PrunedCost.weights]
      }
    }
  }

  let limits: [Limit]
  let text: String

  /// - Throws: a `Diagnostic` saying what is not understood.
  init(parsing text: String) throws {
    self.text = text
    limits = try text.split(separator: ",").map { part in
      let halves = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard halves.count == 2, let figure = Figure(rawValue: halves[0].lowercased()),
        let value = PruneBudget.number(halves[1], figure), value > 0
      else {
        let known = Figure.allCases.map(\.rawValue).joined(separator: ", ")
        throw Diagnostic.error(
          "--prune-budget \(text): '\(part)' is not a limit",
          help: ["limits are written macs=1.2M or flash=64K, of \(known)"])
      }
      return Limit(figure: figure, value: value)
    }
    guard !limits.isEmpty else { throw Diagnostic.error("--prune-budget has no limit") }
  }

  /// `64K` of bytes are 65 536, of anything else 64 000.
  private static func number(_ text: String, _ figure: Figure) -> Double? {
    let powers: [Character: Int] = ["k": 1, "m": 2, "g": 3]
    guard let last = text.lowercased().last, let power = powers[last] else { return Double(text) }
    let step: Double = figure.isBytes ? 1024 : 1000
    return Double(text.dropLast()).map { $0 * (0..<power).reduce(1) { product, _ in product * step } }
  }
}
