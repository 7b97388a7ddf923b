import IR

let onnxEinsumOperators: [ONNXOperator] = [
  ONNXOperator("Einsum", since: 12, inputs: 1...64) { node, graph in
    try EinsumImporter(node, graph).run()
  },
  ONNXOperator("Det", since: 11, inputs: 1, importDeterminant),
]

/// Einstein's sum convention by transposes, products of matrices and sums.
///
/// Source: ONNX `Operators.md`, `Einsum`; NumPy's `einsum`.
private struct EinsumImporter {
  /// A value and a label for each of its axes, no label twice.
  private struct Term {
    var value: Value
    var labels: [Character]
  }

  private let node: SourceNodeReader
  private let graph: GraphBuilder

  init(_ node: SourceNodeReader, _ graph: GraphBuilder) {
    self.node = node
    self.graph = graph
  }

  func run() throws -> [Value] {
    guard let equation = try node.attributes.string("equation") else {
      throw node.invalid("needs an equation")
    }
    let text = equation.filter { $0 != " " }.replacing("...", with: "*").replacing("->", with: ">")
    let sides = text.split(separator: ">", omittingEmptySubsequences: false)
    let names = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    guard (1...2).contains(sides.count), names.count == node.inputs.count else {
      throw node.invalid("'\(equation)' does not fit \(node.inputs.count) operands")
    }
    let operands = try node.allInputs().map { try graph.plain($0) }
    let hidden = zip(operands, names).map { graph.shape($0).rank - $1.filter { $0 != "*" }.count }
    // Axes under an ellipsis get labels of their own, counted from the last.
    let deepest = zip(names, hidden).filter { $0.0.contains("*") }.map(\.1).max() ?? 0
    guard deepest <= 9 else { throw node.unsupported("too many axes") }
    let ellipsis = Array("987654321".suffix(deepest))
    func spelled(_ labels: [Character], _ count: Int) -> [Character] {
      labels.flatMap { $0 == "*" ? Array(ellipsis.suffix(max(count, 0))) : [$0] }
    }
    let inputs = zip(names, hidden).map { spelled($0, $1) }
    let output = sides.count == 2 ? spelled(Array(sides[1]), deepest)
      : implied(inputs.flatMap { $0 }, ellipsis)
    guard Set(output).count == output.count, Set(output).isSubset(of: Set(inputs.joined())) else {
      throw node.invalid("'\(equation)' has an output that its operands do not make")
    }
    var terms = try zip(operands, inputs).map { try diagonal($0, $1) }
    while terms.count > 1 {
      let kept = Set(output).union(terms.dropFirst(2).flatMap(\.labels))
      terms.replaceSubrange(0..<2, with: [try product(terms[0], terms[1], kept)])
    }
    let last = try summed(terms[0], keeping: Set(output))
    let order = output.map { last.labels.firstIndex(of: $0) ?? 0 }
    return [try graph.transpose(last.value, order)]
  }

  /// Without an output: the labels that occur once, in order, behind those of the ellipsis.
  private func implied(_ labels: [Character], _ ellipsis: [Character]) -> [Character] {
    let single = Set(labels).filter { label in
      !ellipsis.contains(label) && labels.filter { $0 == label }.count == 1
    }
    return ellipsis + single.sorted()
  }

  /// Takes the diagonal of axes that share a label.
  private func diagonal(_ operand: Value, _ names: [Character]) throws -> Term {
    var (value, labels) = (operand, names)
    _ = try graph.staticShape(value, "an operand")
    guard labels.count == graph.shape(value).rank else {
      throw node.invalid("\(labels.count) labels for \(graph.type(value))")
    }
    while let second = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }),
      let first = labels.firstIndex(of: labels[second])
    {
      let extents = graph.shape(value).dimensions
      let n = extents[first]
      guard n == extents[second] else { throw node.invalid("a label has two extents") }
      var order = Array(extents.indices)
      order.removeAll { $0 == first || $0 == second }
      let rest = order.map { extents[$0] }
      let moved = try graph.transpose(value, order + [first, second])
      let flat = try graph.reshape(moved, rest + [n * n])
      let zeros = [Int](repeating: 0, count: rest.count + 1)
      let ones = [Int](repeating: 1, count: rest.count)
      value = try graph.emit(Slice(start: zeros, size: rest + [n], stride: ones + [n + 1]), [flat])
      labels = order.map { [labels] in labels[$0] } + [labels[first]]
    }
    return Term(value: value, labels: labels)
  }

  /// Sums over all labels that are not in `kept`.
  private func summed(_ term: Term, keeping kept: Set<Character>) throws -> Term {
    let axes = term.labels.indices.filter { !kept.contains(term.labels[$0]) }
    guard !axes.isEmpty else { return term }
    let labels = term.labels.filter { kept.contains($0) }
    let extents = term.labels.indices.filter { !axes.contains($0) }
      .map { graph.shape(term.value)[$0] }
    var sum = ReduceSum()
    sum.axes = axes
    let total = try graph.emit(sum, [term.value])
    return Term(value: try graph.reshape(total, extents), labels: labels)
  }

  /// One product of matrices: labels of both that are kept count the matrices, labels of both that
  /// are not kept are summed.
  private func product(_ left: Term, _ right: Term, _ kept: Set<Character>) throws -> Term {
    let a = try summed(left, keeping: kept.union(right.labels))
    let b = try summed(right, keeping: kept.union(left.labels))
    var extents: [Character: Int] = [:]
    for term in [a, b] {
      for (axis, label) in term.labels.enumerated() {
        let (old, new) = (extents[label] ?? 1, graph.shape(term.value)[axis])
        guard old == new || old == 1 || new == 1 else {
          throw node.invalid("'\(label)' is \(old) and \(new)")
        }
        extents[label] = old == 1 ? new : old
      }
    }
    let shared = a.labels.filter { b.labels.contains($0) }
    let batch = shared.filter { kept.contains($0) }
    let inner = shared.filter { !kept.contains($0) }
    let rows = a.labels.filter { !shared.contains($0) }
    let columns = b.labels.filter { !shared.contains($0) }
    func size(_ labels: [Character]) -> Int { labels.reduce(1) { $0 * (extents[$1] ?? 1) } }
    func matrices(_ term: Term, _ outer: [Character], _ last: [Character]) throws -> Value {
      let order = (batch + outer + last).map { term.labels.firstIndex(of: $0) ?? 0 }
      let moved = try graph.transpose(term.value, order)
      let wide = try graph.broadcast(
        moved, to: Shape((batch + outer + last).map { extents[$0] ?? 1 }))
      return try graph.reshape(wide, [size(batch), size(outer), size(last)])
    }
    let product = try graph.emit(
      MatMul(), [try matrices(a, rows, inner), try matrices(b, inner, columns)])
    let labels = batch + rows + columns
    return Term(value: try graph.reshape(product, labels.map { extents[$0] ?? 1 }), labels: labels)
  }
}

/// The determinant by expansion along the first row; for matrices of up to 4 rows.
@Sendable private func importDeterminant(
  _ node: SourceNodeReader, _ graph: GraphBuilder
) throws -> [Value] {
  let x = try graph.plain(try node.input(0))
  let shape = try graph.staticShape(x, "the matrix")
  guard shape.rank >= 2, shape[shape.rank - 1] == shape[shape.rank - 2] else {
    throw node.invalid("needs square matrices, not \(shape)")
  }
  let n = shape[shape.rank - 1]
  guard (1...4).contains(n) else { return [try graph.emit(Determinant(), [x])] }
  let e = Expression(graph, graph.type(x).element)
  let leading = Array(shape.dimensions.dropLast(2))
  let rows = try graph.reshape(x, [leading.reduce(1, *), n * n])
  func entry(_ row: Int, _ column: Int) throws -> Value {
    try graph.emit(
      Slice(start: [0, row * n + column], size: [graph.shape(rows)[0], 1]), [rows])
  }
  func determinant(_ row: Int, _ columns: [Int]) throws -> Value {
    if columns.count == 1 { return try entry(row, columns[0]) }
    var total: Value?
    for (place, column) in columns.enumerated() {
      let minor = try determinant(row + 1, columns.filter { $0 != column })
      let part = try e.multiply(try entry(row, column), minor)
      let isAdded = place % 2 == 0
      total = try total.map { isAdded ? try e.add($0, part) : try e.subtract($0, part) } ?? part
    }
    return try total ?? e.number(1)
  }
  return [try graph.reshape(try determinant(0, Array(0..<n)), leading)]
}
