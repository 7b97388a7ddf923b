import IR

/// Calibration samples in an order that depends on what they hold alone, so that sums over them are
/// the same to the last bit however the files were shuffled.
public enum SampleOrder {
  public static func canonical(_ samples: [[Tensor]]) -> [[Tensor]] {
    let keyed = samples.enumerated().map { (key: digest($0.element), index: $0.offset) }
    return keyed.sorted { ($0.key, $0.index) < ($1.key, $1.index) }.map { samples[$0.index] }
  }

  /// FNV-1a of all elements' bits, 64 at a time.
  private static func digest(_ sample: [Tensor]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for tensor in sample {
      for element in tensor.doubles() {
        hash = (hash ^ element.bitPattern) &* 0x100_0000_01b3
        hash ^= hash >> 29
      }
    }
    return hash
  }
}
