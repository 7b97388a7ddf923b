import ArgumentParser
import IR
import Passes

extension ChannelImportance: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
extension ChannelScope: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}

/// How channels are removed.
struct PruneArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Remove channels, heads and recurrent units until this part of the multiply-accumulates is "
        + "gone: 0.3. Best with --calibration, on which what stays is re-fitted.",
      valueName: "ratio"))
  var prune: Double?

  @Option(
    help: ArgumentHelp(
      "Prune as little as brings the target's modelled cost below limits: macs=1.2M, cycles=40K, "
        + "flash=64K, ram=32K, weights=50K.",
      valueName: "figure=limit,…"))
  var pruneBudget: String?

  @Option(
    help: ArgumentHelp(
      "What decides which channels go; default: reconstruction, without --calibration l2."))
  var pruneImportance: ChannelImportance?

  @Option(
    help: ArgumentHelp(
      "Weigh all channels against each other, or take the same part of every layer.",
      valueName: "scope"))
  var pruneScope: ChannelScope = .global

  @Option(
    help: ArgumentHelp(
      "Layers keep multiples of so many channels: what the target computes at once, 8 on npu.",
      valueName: "channels"))
  var pruneMultiple: Int = 1

  func validate() throws {
    if prune != nil && pruneBudget != nil {
      throw ValidationError("--prune and --prune-budget each say how much goes: choose one")
    }
    let hasDetails = pruneImportance != nil || pruneMultiple != 1 || pruneScope != .global
    if hasDetails && prune == nil && pruneBudget == nil {
      throw ValidationError("say how much to prune: --prune 0.3 or --prune-budget macs=1.2M")
    }
    if !(1...1024).contains(pruneMultiple) {
      throw ValidationError("--prune-multiple is a whole number from 1 to 1024")
    }
  }

  /// nil where nothing is to be pruned.
  ///
  /// - Throws: a `Diagnostic` for a budget that is not understood.
  func request() throws -> PruneRequest? {
    let amount: PruneRequest.Amount
    if let prune {
      amount = .ratio(prune)
    } else if let pruneBudget {
      amount = .budget(try PruneBudget(parsing: pruneBudget))
    } else {
      return nil
    }
    return PruneRequest(
      amount: amount, importance: pruneImportance, scope: pruneScope, multiple: pruneMultiple)
  }
}
