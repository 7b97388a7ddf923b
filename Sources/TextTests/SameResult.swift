import IR

/// Seeded inputs for a module, the same everywhere.
///
/// Floats alternate from sample to sample between multiples of 1/64, which most arithmetic leaves
/// exact, and values between -3 and 3. Quantised and 8-bit inputs take the whole range of their
/// type, other integers 0 to 7, which indices mostly bear. Unknown extents are 2, 3, 1, … from
/// sample to sample.
public struct SeededInputs: Sendable {
  public let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  /// Sample `index`: one tensor per input.
  public func sample(_ index: Int, of function: Function) -> [Tensor] {
    var state = seed &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
    return function.inputs.map { tensor($0.type, index, &state) }
  }

  private func tensor(_ type: TensorType, _ index: Int, _ state: inout UInt64) -> Tensor {
    let extents = type.shape.dimensions.map { $0 == Shape.unknown ? [2, 3, 1][index % 3] : $0 }
    let type = type.with(shape: Shape(extents))
    let count = type.shape.count
    if type.element == .string {
      return Tensor(type.shape, strings: (0..<count).map { _ in "s\(next(&state) % 8)" })
    }
    if type.element.isFloat {
      let values = (0..<count).map { _ -> Double in
        index % 2 == 0
          ? Double(Int(next(&state) % 256) - 128) / 64
          : Double(next(&state) >> 11) * 0x1p-53 * 6 - 3
      }
      return Tensor.from(doubles: values, type.element, type.shape).reinterpreted(as: type)
    }
    let isWhole = type.isQuantized || type.element.bitWidth <= 8
    let range = type.element == .bool ? 0...1 : isWhole ? type.element.integerRange ?? 0...7 : 0...7
    let values = (0..<count).map { _ in
      range.lowerBound + Int(next(&state) % UInt64(range.count))
    }
    return Tensor.from(integers: values, type.element, type.shape).reinterpreted(as: type)
  }

  /// Source: S. Vigna, `splitmix64.c`, 2015 (public domain algorithm).
  private func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Whether two modules give the same results: integers the same, floats within a tolerance.
struct SameResult {
  let seed: UInt64
  static let samples: Int = 3
  /// Of the difference, in parts of 1 + the magnitude.
  static let tolerance: Double = 1e-5

  /// What differs, as a sentence; nil where nothing does.
  func difference(_ before: Function, _ after: Function) -> String? {
    let inputs = SeededInputs(seed: seed)
    if before.inputs.map(\.type) != after.inputs.map(\.type) {
      return "the inputs are others: \(list(after.inputs)), before \(list(before.inputs))"
    }
    for index in 0..<SameResult.samples {
      let sample = inputs.sample(index, of: before)
      if let text = difference(before, after, sample) {
        return "sample \(index) of seed \(seed): \(text)"
      }
    }
    return nil
  }

  /// Two runs in a row where both keep states.
  private func difference(
    _ before: Function, _ after: Function, _ sample: [Tensor]
  ) -> String? {
    let (first, second) = (Interpreter(before), Interpreter(after))
    var (states, others) = (first.initialStates, second.initialStates)
    let runs = states.isEmpty || states.count != others.count ? 1 : 2
    for _ in 0..<runs {
      let (expected, actual): ([Tensor], [Tensor])
      do { expected = try first.run(sample, &states) } catch {
        return "the module cannot be run: \(message(error))"
      }
      do { actual = try second.run(sample, &others) } catch {
        return "the result cannot be run: \(message(error))"
      }
      guard actual.count == expected.count else {
        return "\(actual.count) results, \(expected.count) are expected"
      }
      for (index, name) in before.outputs.map(\.name).enumerated() {
        if let text = difference(actual[index], expected[index]) { return "'\(name)' \(text)" }
      }
    }
    return nil
  }

  private func message(_ error: any Error) -> String {
    (error as? Diagnostic)?.message ?? "\(error)"
  }

  private func list(_ ports: [(name: String, type: TensorType)]) -> String {
    ports.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
  }

  private func difference(_ actual: Tensor, _ expected: Tensor) -> String? {
    guard actual.type == expected.type else {
      return "is \(actual.type), \(expected.type) is expected"
    }
    if expected.element == .string {
      return actual == expected ? nil : "has other strings"
    }
    if expected.element.isFloat {
      let (a, b) = (actual.doubles(), expected.doubles())
      guard let place = a.indices.first(where: { !SameResult.isNear(a[$0], b[$0]) }) else {
        return nil
      }
      return "element \(place) is \(a[place]), \(b[place]) is expected"
    }
    let (a, b) = (actual.integers(), expected.integers())
    guard let place = a.indices.first(where: { a[$0] != b[$0] }) else { return nil }
    return "element \(place) is \(a[place]), \(b[place]) is expected"
  }

  private static func isNear(_ a: Double, _ b: Double) -> Bool {
    if a == b || (a.isNaN && b.isNaN) { return true }
    return (a - b).magnitude <= tolerance * (1 + b.magnitude)
  }
}
