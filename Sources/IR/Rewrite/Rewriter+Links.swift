// The graph's own book-keeping: the order of operations in a block and the lists of uses.

extension Rewriter {
  mutating func place(_ id: OperationID, before anchor: OperationID?, in block: Block) {
    let home = Int(block.index)
    let previous = anchor.map { graph[$0].previous } ?? graph.blocks[home].last
    graph.nodes[Int(id.index)]?.previous = previous
    graph.nodes[Int(id.index)]?.next = anchor
    if let previous {
      graph.nodes[Int(previous.index)]?.next = id
    } else {
      graph.blocks[home].first = id
    }
    if let anchor {
      graph.nodes[Int(anchor.index)]?.previous = id
    } else {
      graph.blocks[home].last = id
    }
  }

  mutating func detach(_ id: OperationID) {
    let node = graph[id]
    let home = Int(node.block.index)
    if let previous = node.previous {
      graph.nodes[Int(previous.index)]?.next = node.next
    } else {
      graph.blocks[home].first = node.next
    }
    if let next = node.next {
      graph.nodes[Int(next.index)]?.previous = node.previous
    } else {
      graph.blocks[home].last = node.previous
    }
  }

  mutating func setUse(_ use: Use, to value: Value) {
    unlink(use)
    switch use {
    case .operand(let id, let index):
      graph.nodes[Int(id.index)]?.operands[index] = value
      touched.append(id)
    case .result(let block, let index):
      graph.blocks[Int(block.index)].results[index] = value
    }
    link(use)
    if let producer = graph.producer(of: value) { touched.append(producer) }
  }

  func value(at use: Use) -> Value {
    switch use {
    case .operand(let id, let index): graph[id].operands[index]
    case .result(let block, let index): graph.blocks[Int(block.index)].results[index]
    }
  }

  mutating func setLink(_ link: UseLink, of use: Use) {
    switch use {
    case .operand(let id, let index): graph.nodes[Int(id.index)]?.links[index] = link
    case .result(let block, let index): graph.blocks[Int(block.index)].resultLinks[index] = link
    }
  }

  /// Puts `use` at the head of its value's list.
  mutating func link(_ use: Use) {
    let index = Int(value(at: use).index)
    let head = graph.values[index].firstUse
    setLink(UseLink(previous: nil, next: head), of: use)
    if let head {
      var following = graph.link(of: head)
      following.previous = use
      setLink(following, of: head)
    }
    graph.values[index].firstUse = use
  }

  mutating func unlink(_ use: Use) {
    let link = graph.link(of: use)
    if let previous = link.previous {
      var before = graph.link(of: previous)
      before.next = link.next
      setLink(before, of: previous)
    } else {
      graph.values[Int(value(at: use).index)].firstUse = link.next
    }
    if let next = link.next {
      var after = graph.link(of: next)
      after.previous = link.previous
      setLink(after, of: next)
    }
    setLink(UseLink(), of: use)
  }
}
