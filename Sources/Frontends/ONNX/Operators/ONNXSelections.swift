import IR

let onnxSelectionOperators: [ONNXOperator] = [
  ONNXOperator("NonZero", since: 9, inputs: 1) { node, graph in
    let places = try graph.emit(NonZero(), [try graph.plain(try node.input(0))])
    return [try graph.transpose(places, [1, 0])]
  },
  ONNXOperator("Compress", since: 9, inputs: 2, importCompress),
  ONNXOperator("Unique", since: 11, inputs: 1, importUnique),
  ONNXOperator("NonMaxSuppression", since: 10, inputs: 2...5, importNonMaxSuppression),
  ONNXOperator("ReverseSequence", since: 10, inputs: 2, importReverseSequence),
  ONNXOperator("TensorScatter", since: 24, inputs: 2...3, importTensorScatter),
  ONNXOperator("TfIdfVectorizer", since: 9, inputs: 1, importTfIdfVectorizer),
]

/// Gathers where the condition holds.
@Sendable private func importCompress(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var x = try graph.plain(try node.input(0))
  let given = try node.attributes.int("axis")
  if given == nil { x = try graph.reshape(x, [graph.shape(x).checkedCount ?? Shape.unknown]) }
  let axis = try normalized([given ?? 0], rank: graph.shape(x).rank, node)[0]
  let places = try graph.emit(NonZero(), [try graph.plain(try node.input(1))])
  return [try graph.emit(Gather(axis: axis), [x, try graph.emit(Reshape(to: [-1]), [places])])]
}

@Sendable private func importUnique(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var operation = Unique()
  operation.isSorted = try node.attributes.flag("sorted", default: true)
  operation.axes = try node.attributes.int("axis").map { [$0] } ?? []
  return try graph.emitAll(operation, [try graph.plain(try node.input(0))])
}

@Sendable private func importNonMaxSuppression(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  var operation = NonMaxSuppression()
  operation.centres = try node.attributes.flag("center_point_box")
  let limits = try [
    node.optional(2) ?? graph.scalar(0, .i64), node.optional(3) ?? graph.scalar(0, .f32),
    node.optional(4) ?? graph.scalar(-.infinity, .f32),
  ].map { try graph.plain($0) }
  return [try graph.emit(operation, [try node.input(0), try node.input(1)] + limits)]
}

/// Gathers each row's elements from `length − 1 − t` where `t < length`.
@Sendable private func importReverseSequence(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the operand")
  let axes = try normalized(
    [
      try node.attributes.int("batch_axis", default: 1),
      try node.attributes.int("time_axis", default: 0),
    ], rank: shape.rank, node)
  var perRow = [Int](repeating: 1, count: shape.rank)
  perRow[axes[0]] = shape[axes[0]]
  let lengths = try graph.reshape(
    try graph.emit(Cast(to: .i64), [try graph.plain(try node.input(1))]), perRow)
  let steps = graph.ladder(shape[axes[1]], axis: axes[1], rank: shape.rank)
  let e = Expression(graph, .i64)
  let isWithin = try graph.emit(Less(), [steps, lengths])
  let reversed = try e.subtract(try e.subtract(lengths, steps), e.number(1))
  let places = try graph.emit(Select(), [isWithin, reversed, steps])
  return [
    try graph.emit(
      GatherElements(axis: axes[1]), [x, try graph.broadcast(places, to: shape)])
  ]
}

/// Writes the update behind each batch's write index along the axis.
@Sendable private func importTensorScatter(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let (x, update) = (try graph.plain(try node.input(0)), try graph.plain(try node.input(1)))
  let (shape, updated) = (graph.shape(x), try graph.staticShape(update, "the update"))
  let axis = try normalized(
    [try node.attributes.int("axis", default: -2)], rank: shape.rank, node)[0]
  guard shape.rank == updated.rank, axis > 0 else { throw node.invalid("cannot take \(updated)") }
  let e = Expression(graph, .i64)
  var start = e.number(0)
  if let indices = node.optional(2) {
    var perBatch = [Int](repeating: 1, count: shape.rank)
    perBatch[0] = updated[0]
    start = try graph.reshape(try graph.plain(indices), perBatch)
  }
  var places = try e.add(graph.ladder(updated[axis], axis: axis, rank: shape.rank), start)
  switch try node.attributes.string("mode") ?? "linear" {
  case "linear": break
  case "circular":
    guard shape[axis] > 0 else { throw node.invalid("its axis has no extent") }
    places = try e.binary(Modulo(), places, e.number(Double(shape[axis])))
  case let other: throw node.invalid("mode '\(other)' is not known")
  }
  var scatter = ScatterElements()
  scatter.axis = axis
  return [try graph.emit(scatter, [x, try graph.broadcast(places, to: updated), update])]
}

/// Counts of the listed n-grams, weighted by column where the mode says so.
@Sendable private func importTfIdfVectorizer(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let attributes = node.attributes
  let integers = try attributes.ints("pool_int64s") ?? []
  let strings = try attributes.strings("pool_strings") ?? []
  let total = max(integers.count, strings.count)
  let shortest = try attributes.int("min_gram_length", default: 1)
  let longest = try attributes.int("max_gram_length", default: 1)
  let indexes = try attributes.ints("ngram_indexes") ?? []
  let starts = try attributes.ints("ngram_counts") ?? []
  var operation = NgramCounts()
  operation.skips = try attributes.int("max_skip_count", default: 0)
  var number = 0
  for (place, start) in starts.enumerated() {
    let (length, end) = (place + 1, place + 1 < starts.count ? starts[place + 1] : total)
    guard start >= 0, start <= end, end <= total, (end - start) % length == 0,
      number + (end - start) / length <= indexes.count
    else { throw node.invalid("its pool does not fit ngram_counts and ngram_indexes") }
    for first in stride(from: start, to: end, by: length) {
      defer { number += 1 }
      guard (shortest...max(longest, shortest)).contains(length) else { continue }
      operation.lengths.append(length)
      operation.columns.append(indexes[number])
      if !integers.isEmpty { operation.integers += integers[first..<(first + length)] }
      if !strings.isEmpty { operation.strings += strings[first..<(first + length)] }
    }
  }
  let width = (indexes.max() ?? -1) + 1
  guard (operation.columns.max() ?? -1) + 1 == width else {
    throw node.unsupported("the last column belongs to an n-gram that is not counted")
  }
  let x = try graph.plain(try node.input(0))
  let counts = try graph.emit(operation, [x])
  let mode = try attributes.string("mode") ?? "TF"
  guard ["TF", "IDF", "TFIDF"].contains(mode) else { throw node.invalid("mode '\(mode)'") }
  let e = Expression(graph, .f32)
  let base = mode == "IDF" ? try e.binary(Minimum(), counts, e.number(1)) : counts
  guard mode != "TF", let weights = try attributes.floats("weights") else { return [base] }
  guard weights.count == width else { throw node.invalid("needs a weight per column") }
  return [try e.multiply(base, graph.constant(Tensor([width], weights)))]
}

extension GraphBuilder {
  /// 0, 1, … along `axis` of a tensor of `rank` dimensions whose other extents are 1.
  func ladder(_ count: Int, axis: Int, rank: Int) -> Value {
    var extents = [Int](repeating: 1, count: rank)
    extents[axis] = count
    let type = TensorType(.i64, Shape(extents))
    return constant(Tensor(integers: Array(0..<count)).reinterpreted(as: type))
  }
}
