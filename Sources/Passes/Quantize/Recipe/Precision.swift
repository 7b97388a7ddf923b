/// How an operation computes, and how its results and weights are stored.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// Activations of 8 bits, asymmetric; weights of 8 bits per output channel.
  case int8
  /// Activations of 16 bits, symmetric; weights of 8 bits per output channel: TFLite's 16x8.
  case int16
  /// Float arithmetic with weights stored in 16-bit floats.
  case float16
  /// Float arithmetic with weights stored in 8 bits per output channel.
  case weightsInt8 = "weights-int8"
  /// Float arithmetic with weights stored in 4 bits per output channel.
  case weightsInt4 = "weights-int4"
  /// Left alone.
  case float32

  /// - Parameter name: `int16x8` stands for `int16`.
  public init?(name: String) {
    self.init(rawValue: name == "int16x8" ? "int16" : name)
  }

  /// Whether activations are stored integers.
  public var isInteger: Bool { self == .int8 || self == .int16 }
  /// Whether weights alone are stored in few bits.
  public var isWeightOnly: Bool { !isInteger && self != .float32 }
}
