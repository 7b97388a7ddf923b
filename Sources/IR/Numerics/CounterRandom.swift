/// Random numbers by their place in a sequence: number `k` of a seed is a mix of both, so that
/// tensors can be filled in any order.
///
/// The mix is SplitMix64's (G. Steele, D. Lea, C. Flood, OOPSLA 2014, figure 16). This is edgecc's
/// own generator: models that ask for random numbers get the distribution that they ask for, not the
/// numbers of another runtime.
struct CounterRandom {
  let seed: UInt64

  func bits(_ index: Int) -> UInt64 {
    var z = seed &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Evenly in 0 ≤ u < 1, in steps of 2⁻⁵³.
  func uniform(_ index: Int) -> Double { Double(bits(index) >> 11) * 0x1p-53 }

  /// Of the standard normal distribution, by the polar form of two uniform numbers.
  ///
  /// Source: G. Box, M. Muller, Annals of Mathematical Statistics 29(2), 1958.
  func normal(_ index: Int) -> Double {
    // 1 − u is never 0.
    let radius = (-2 * Double.logarithm(1 - uniform(2 * index))).squareRoot()
    return radius * Double.cosine(2 * Double.pi * uniform(2 * index + 1))
  }
}
