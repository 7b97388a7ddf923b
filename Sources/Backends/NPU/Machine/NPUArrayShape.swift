/// One way to fold the multiplier array: how many output pixels and output channels it computes at
/// once. `pixels · channels` is the number of int8 multiply-accumulates per cycle.
public struct NPUArrayShape: Hashable, Sendable, CustomStringConvertible {
  /// Output pixels (positions of the flattened output height × width) per tile.
  public var pixels: Int
  /// Output channels per tile.
  public var channels: Int

  public init(pixels: Int, channels: Int) {
    self.pixels = pixels
    self.channels = channels
  }

  public var description: String { "\(pixels)x\(channels)" }
}
