/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers for a seed everywhere.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// True once in `n`.
  mutating func once(in n: Int) -> Bool { int(1...n) == 1 }

  mutating func pick<T>(_ list: [T]) -> T { list[int(0...(list.count - 1))] }

  /// A multiple of 1/16 in −2 … 2: sums of a few products stay exact in float32.
  mutating func real() -> Double { Double(int(-32...32)) / 16 }

  /// Uniform between −1 and 1.
  mutating func uniform() -> Double { Double.random(in: -1...1, using: &self) }
}
