import IR

let segmentOperators: [OperatorEntry] = [
  OperatorEntry("SEGMENT_SUM", version: 1, 2) { call, graph in
    let segments = try graph.integers(1, call)
    guard segments.allSatisfy({ (0..<(1 << 24)).contains($0) }) else {
      throw Diagnostic.error("SEGMENT_SUM has segments that are negative or too many")
    }
    let count = (segments.last ?? -1) + 1
    return [try graph.scattered(call, count: count, .add, ground: 0)]
  },
  unsorted("UNSORTED_SEGMENT_SUM", .add) { _ in 0 },
  unsorted("UNSORTED_SEGMENT_PROD", .multiply) { _ in 1 },
  unsorted("UNSORTED_SEGMENT_MAX", .maximum) { isFloat in
    isFloat ? -Double(Float.greatestFiniteMagnitude) : Double(Int32.min)
  },
  unsorted("UNSORTED_SEGMENT_MIN", .minimum) { isFloat in
    isFloat ? Double(Float.greatestFiniteMagnitude) : Double(Int32.max)
  },
]

/// The rows of each segment joined; a segment without rows has what `ground` gives.
private func unsorted(
  _ name: String, _ mode: ScatterMode, _ ground: @escaping @Sendable (_ isFloat: Bool) -> Double
) -> OperatorEntry {
  OperatorEntry(name, version: 1, 3) { call, graph in
    guard let count = try graph.integers(2, call).first, (0...(1 << 24)).contains(count) else {
      throw Diagnostic.error("\(name) lacks its number of segments")
    }
    let isFloat = graph.type(of: try graph.operand(0, call)).element.isFloat
    return [try graph.scattered(call, count: count, mode, ground: ground(isFloat))]
  }
}

extension GraphImporter {
  /// The rows of operand 0 met by `mode` in the segments that operand 1 names. Rows of a negative
  /// segment belong to none: they go to a row behind the last.
  fileprivate mutating func scattered(
    _ call: OperatorCall, count: Int, _ mode: ScatterMode, ground: Double
  ) throws -> Value {
    let (x, segments) = (try operand(0, call), try operand(1, call))
    let (shape, places) = (type(of: x).shape, type(of: segments).shape)
    guard !type(of: x).isQuantized, Array(shape.dimensions.prefix(places.rank)) == places.dimensions
    else { throw Diagnostic.error("\(call.name) cannot sort [\(shape)] by [\(places)]") }
    let inner = Array(shape.dimensions.dropFirst(places.rank))
    let element = type(of: x).element
    guard Shape([count + 1] + inner).checkedCount.map({ $0 <= elementLimit }) == true else {
      throw Diagnostic.error("\(call.name) gives too many elements")
    }
    let base = rewriter.constant(Tensor.from(doubles: [ground], element, .scalar))
    let rows = try broadcast(base, to: [count + 1] + inner, call)
    let kind = type(of: segments).element
    let none = rewriter.constant(Tensor.from(integers: [0], kind, .scalar))
    let behind = rewriter.constant(Tensor.from(integers: [count], kind, .scalar))
    let isNone = try plain(Less(), [segments, none], call)
    let target = try plain(Select(), [isNone, behind, segments], call)
    let vectors = try reshape(target, to: places.dimensions + [1], call)
    var operation = ScatterND()
    operation.mode = mode
    let all = try plain(operation, [rows, vectors, x], call)
    let start = [Int](repeating: 0, count: inner.count + 1)
    return try plain(Slice(start: start, size: [count] + inner), [all], call)
  }
}
