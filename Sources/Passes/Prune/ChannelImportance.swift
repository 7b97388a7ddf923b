/// What decides which channels go.
public enum ChannelImportance: String, Sendable, CaseIterable {
  /// What readers lose after the other channels have made up for it.
  case reconstruction
  /// The size of the filters' weights.
  case l1, l2
  /// The scales of batch norms; where they are folded into weights, how much each filter's results
  /// vary over the samples.
  case batchNorm = "batch-norm"
  /// How much of the readers' results the channel makes up, alone.
  case activation

  /// Whether weights alone tell it.
  public var needsSamples: Bool { self != .l1 && self != .l2 }
}

/// How channels of different layers are weighed against each other.
public enum ChannelScope: String, Sendable, CaseIterable {
  /// By their cost for each multiply-accumulate saved.
  case global
  /// Not at all: every layer loses the same part of its channels.
  case layer
}
