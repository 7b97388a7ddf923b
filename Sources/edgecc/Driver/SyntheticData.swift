import IR

/// Inputs made from a seed, for when no data is given: enough to exercise a model, no basis for
/// shipping one.
///
/// Float inputs alternate between samples uniform in [0, 1], as scaled images are, and samples of
/// the standard normal distribution, as standardised features are. Quantised and 8-bit inputs take
/// the whole range of their type, other integers 0 to 7 (which indices mostly bear), booleans both
/// values.
struct SyntheticData: Sendable {
  static let defaultCount: Int = 32
  static let seed: UInt64 = 0x6564_6765_6363

  /// - Parameter statistics: of the float inputs whose values are to be normal with these, in the
  ///   order of the inputs.
  /// - Throws: a `Diagnostic` naming the input whose shape is not known.
  static func samples(
    _ interface: Interface, count: Int = defaultCount, like statistics: [InputStatistics?] = []
  ) throws -> [[Tensor]] {
    var generator = SplitMix64(state: seed)
    return try (0..<count).map { index in
      try interface.inputs.enumerated().map { place, port in
        guard port.type.shape.checkedCount != nil else {
          throw Diagnostic.error(
            "input '\(port.name)' is \(port.type): synthetic data needs its shape",
            help: ["bind it: --shape \(port.name)=1x…, or --dim NAME=EXTENT"])
        }
        if place < statistics.count, let like = statistics[place], port.type.element.isFloat {
          let (mean, deviation) = (Float(like.mean), Float(like.deviation))
          let values = (0..<port.type.shape.count).map { _ in mean + deviation * generator.normal() }
          return Tensor.from(floats: values, port.type.element, port.type.shape)
            .reinterpreted(as: port.type)
        }
        return tensor(port.type, normal: index % 2 == 1, &generator)
      }
    }
  }

  private static func tensor(
    _ type: TensorType, normal: Bool, _ generator: inout SplitMix64
  ) -> Tensor {
    let count = type.shape.count
    if type.element == .string {
      return Tensor(type.shape, strings: [String](repeating: "", count: count))
    }
    if type.element.isFloat {
      let values: [Float] = (0..<count).map { _ in
        normal ? generator.normal() : Float(generator.unit())
      }
      return Tensor.from(floats: values, type.element, type.shape).reinterpreted(as: type)
    }
    let range: ClosedRange<Int>
    if type.element == .bool {
      range = 0...1
    } else if type.isQuantized || type.element.bitWidth <= 8 {
      range = type.element.integerRange ?? 0...7
    } else {
      range = 0...7
    }
    let values: [Int] = (0..<count).map { _ in
      range.lowerBound + Int(generator.next() % UInt64(range.count))
    }
    return Tensor.from(integers: values, type.element, type.shape).reinterpreted(as: type)
  }
}

/// A small generator whose sequence is the same everywhere.
///
/// Source: S. Vigna, `splitmix64.c`, 2015 (public domain algorithm).
struct SplitMix64: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1).
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Nearly normal: the sum of twelve uniform values less six (Irwin–Hall), which needs no function
  /// of the C library whose last digit might differ between hosts.
  mutating func normal() -> Float {
    var sum = -6.0
    for _ in 0..<12 { sum += unit() }
    return Float(sum)
  }
}
