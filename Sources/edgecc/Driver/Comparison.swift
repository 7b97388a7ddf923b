import Frontends
import IR

/// How one tensor differs from the one that is expected.
struct Mismatch: Sendable {
  /// A sentence without a full stop.
  let summary: String
}

/// Compares results with what is expected of them.
struct Comparison: Sendable {
  let tolerance: Tolerance

  /// nil where `actual` is as good as `expected`. Element type and shape must agree; NaN equals
  /// NaN.
  func mismatch(_ actual: Tensor, _ expected: Tensor) -> Mismatch? {
    guard actual.element == expected.element else {
      return Mismatch(
        summary: "is \(actual.element.rawValue), \(expected.element.rawValue) is expected")
    }
    guard actual.shape == expected.shape else {
      return Mismatch(
        summary: "has shape [\(actual.shape)], [\(expected.shape)] is expected")
    }
    if actual.element == .string { return compareStrings(actual, expected) }
    if actual.element.isFloat { return compareFloats(actual, expected) }
    return compareIntegers(actual, expected)
  }

  private func compareStrings(_ actual: Tensor, _ expected: Tensor) -> Mismatch? {
    let pairs = zip(actual.storage.strings, expected.storage.strings)
    guard let index = pairs.enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset
    else { return nil }
    return Mismatch(
      summary: "differs at \(place(index, expected.shape)): '\(actual.storage.strings[index])',"
        + " '\(expected.storage.strings[index])' is expected")
  }

  private func compareIntegers(_ actual: Tensor, _ expected: Tensor) -> Mismatch? {
    let (found, wanted) = (actual.integers(), expected.integers())
    var count = 0
    var worst = (index: 0, size: UInt(0))
    for index in found.indices where found[index] != wanted[index] {
      let size = Comparison.distance(found[index], wanted[index])
      guard Double(size) > tolerance.steps else { continue }
      count += 1
      if size > worst.size { worst = (index, size) }
    }
    guard count > 0 else { return nil }
    return Mismatch(
      summary: "\(count) of \(found.count) values differ, most at "
        + "\(place(worst.index, expected.shape)): \(found[worst.index]), "
        + "\(wanted[worst.index]) is expected")
  }

  private static func distance(_ a: Int, _ b: Int) -> UInt {
    a > b ? UInt(bitPattern: a &- b) : UInt(bitPattern: b &- a)
  }

  private func compareFloats(_ actual: Tensor, _ expected: Tensor) -> Mismatch? {
    let (found, wanted) = (actual.doubles(), expected.doubles())
    var largest = 0.0
    for value in wanted where value.isFinite { largest = max(largest, value.magnitude) }
    let absolute = tolerance.atol + tolerance.relmax * largest
    var count = 0
    var worst = (index: 0, excess: 0.0)
    for index in found.indices {
      let excess = self.excess(found[index], wanted[index], absolute)
      guard excess > 0 else { continue }
      count += 1
      if excess > worst.excess { worst = (index, excess) }
    }
    guard count > 0 else { return nil }
    return Mismatch(
      summary: "\(count) of \(found.count) values differ, most at "
        + "\(place(worst.index, expected.shape)): \(found[worst.index]), "
        + "\(wanted[worst.index]) is expected")
  }

  /// By how much the difference is over what is allowed; not above 0 where it is not.
  private func excess(_ found: Double, _ wanted: Double, _ absolute: Double) -> Double {
    if found == wanted || (found.isNaN && wanted.isNaN) { return 0 }
    guard found.isFinite && wanted.isFinite else { return .infinity }
    return (found - wanted).magnitude - (absolute + tolerance.rtol * wanted.magnitude)
  }

  private func place(_ index: Int, _ shape: Shape) -> String {
    var rest = index
    var position: [Int] = []
    for extent in shape.dimensions.reversed() {
      position.append(rest % max(1, extent))
      rest /= max(1, extent)
    }
    return "[" + position.reversed().map { String($0) }.joined(separator: ", ") + "]"
  }
}
