import IR

/// What of an operation itself goes into its signature.
struct NodeLabel {
  enum Level: CaseIterable {
    /// Attributes, types with their quantisation, contents of constants.
    case exact
    /// Kind and shapes.
    case shapes
    /// Kind.
    case kind
  }

  static func hash(_ graph: DiffGraph, _ index: Int, _ level: Level) -> Int {
    let item = graph.items[index]
    let node = graph.node(index)
    var hasher = Hasher()
    hasher.combine(item.mnemonic)
    hasher.combine(item.sources.count)
    switch level {
    case .exact:
      for (name, value) in node.operation.attributes {
        hasher.combine(name)
        hasher.combine(value)
      }
      for value in node.results { hasher.combine(graph.graph[value]) }
    case .shapes: for value in node.results { hasher.combine(graph.graph[value].shape) }
    case .kind: break
    }
    for (place, source) in item.sources.enumerated() {
      guard case .constant(let value) = source else { continue }
      hasher.combine(place)
      switch level {
      case .exact: hasher.combine(graph.contents[value])
      case .shapes: hasher.combine(graph.graph[value].shape)
      case .kind: break
      }
    }
    return hasher.finalize()
  }
}

/// One number per operation that says what lies above or below it, and what it is itself.
struct SignatureTable {
  enum Side { case above, below }

  private var signatures: [Int]

  subscript(index: Int) -> Int { signatures[index] }

  /// - Parameter anchor: a number that stands for an operation that is matched already; nil for
  ///   others.
  init(
    _ graph: DiffGraph, _ level: NodeLabel.Level, _ side: Side, anchor: (Int) -> Int?
  ) {
    signatures = [Int](repeating: 0, count: graph.items.count)
    let order = side == .above
      ? Array(graph.items.indices) : Array(graph.items.indices.reversed())
    for index in order {
      var hasher = Hasher()
      hasher.combine(NodeLabel.hash(graph, index, level))
      if side == .above {
        var sum = 0
        for source in graph.items[index].sources {
          let part = hash(source)
          if graph.items[index].isCommutative { sum &+= part } else { hasher.combine(part) }
        }
        hasher.combine(sum)
      } else {
        // Readers have no order.
        for readers in graph.items[index].readers {
          var sum = 0
          for reader in readers { sum &+= hash(reader) }
          hasher.combine(sum)
        }
      }
      if let known = anchor(index) {
        var fixed = Hasher()
        fixed.combine("known")
        fixed.combine(known)
        signatures[index] = fixed.finalize()
      } else {
        signatures[index] = hasher.finalize()
      }
    }
  }

  private func hash(_ source: DiffGraph.Source) -> Int {
    var hasher = Hasher()
    switch source {
    case .argument(let place):
      hasher.combine(1)
      hasher.combine(place)
    case .inner(let place):
      hasher.combine(2)
      hasher.combine(place)
    case .constant: hasher.combine(3)
    case .result(let operation, let index):
      hasher.combine(signatures[operation])
      hasher.combine(index)
    }
    return hasher.finalize()
  }

  private func hash(_ reader: DiffGraph.Reader) -> Int {
    var hasher = Hasher()
    switch reader {
    case .operand(let operation, let index):
      hasher.combine(signatures[operation])
      hasher.combine(index)
    case .output(let place):
      hasher.combine(4)
      hasher.combine(place)
    case .yield(let place):
      hasher.combine(5)
      hasher.combine(place)
    }
    return hasher.finalize()
  }
}
