/// The only way to change a graph.
///
/// Inserting infers result types at once, so an ill-typed graph cannot be built. Not copyable, so
/// that nobody keeps a rewriter beyond its pass; `finish()` gives the graph back.
public struct Rewriter: ~Copyable {
  public private(set) var graph: Graph
  /// Changes made so far; a pass that leaves it alone changed nothing.
  public private(set) var changeCount: Int = 0
  /// The operations that a change touched, for a worklist; emptied by `takeTouched()`.
  private var touched: [OperationID] = []
  /// Why patterns declined, for remarks.
  public private(set) var remarks: [Diagnostic] = []

  public init(_ graph: Graph = Graph()) { self.graph = graph }

  public consuming func finish() -> Graph { graph }

  /// The operations that changed or whose operands or users changed since the last call.
  public mutating func takeTouched() -> [OperationID] {
    defer { touched = [] }
    return touched
  }

  /// Notes why a pattern does not apply to `id`; shown by `-Rpass-missed`.
  public mutating func declined(_ id: OperationID, by pattern: String, because reason: String) {
    remarks.append(
      Diagnostic(
        .remark, .finding, "\(pattern): \(reason)", place: graph[id].location.summary))
  }
}

// MARK: Values

extension Rewriter {
  public mutating func addArgument(
    _ type: TensorType, name: String? = nil, to block: Block? = nil
  ) -> Value {
    let block = block ?? graph.entry
    let index = graph.blocks[Int(block.index)].arguments.count
    let value = makeValue(type, name, .argument(block, index))
    graph.blocks[Int(block.index)].arguments.append(value)
    return value
  }

  public mutating func constant(_ tensor: Tensor, name: String? = nil) -> Value {
    makeValue(tensor.type, name, .constant(tensor))
  }

  public mutating func setName(_ name: String?, of value: Value) {
    graph.values[Int(value.index)].name = name
  }

  /// Gives an argument a narrower type (bound dimensions). Results keep theirs until `reinfer`.
  public mutating func setType(_ type: TensorType, ofArgument value: Value) {
    graph.values[Int(value.index)].type = type
    changeCount += 1
  }

  /// The values that the function returns, under their names.
  public mutating func setResults(_ results: [(name: String, value: Value)]) {
    graph.resultNames = results.map(\.name)
    setResults(results.map(\.value), of: graph.entry)
  }

  public mutating func setResults(_ values: [Value], of block: Block) {
    for index in graph.blocks[Int(block.index)].results.indices { unlink(.result(block, index)) }
    graph.blocks[Int(block.index)].results = values
    graph.blocks[Int(block.index)].resultLinks = values.map { _ in UseLink() }
    for index in values.indices { link(.result(block, index)) }
    changeCount += 1
  }

  private mutating func makeValue(
    _ type: TensorType, _ name: String?, _ definition: Definition
  ) -> Value {
    let value = Value(index: Int32(graph.values.count))
    graph.values.append(ValueData(type: type, name: name, definition: definition))
    return value
  }
}

// MARK: Operations

extension Rewriter {
  /// Adds `operation` before `anchor`, or at the end of `block` (the entry where nil).
  ///
  /// - Parameter quantization: what the results are asked to have, one per result.
  /// - Throws: `OperationError` if the operation does not take these operands.
  @discardableResult
  public mutating func insert(
    _ operation: any Operation, _ operands: [Value], quantization: [Quantization?] = [],
    regions: [Block] = [], before anchor: OperationID? = nil, in block: Block? = nil,
    at location: Location
  ) throws -> [Value] {
    try checkCounts(operation, operands.count, regions.count)
    let seen = OperandTypes(
      operands.map { graph[$0] }, constants: operands.map { graph.constant($0) },
      resultQuantization: quantization,
      regionResults: regions.map { graph.results(of: $0).map { graph[$0] } })
    let types = try operation.infer(seen)
    let id = OperationID(index: Int32(graph.nodes.count))
    let home = anchor.map { graph[$0].block } ?? block ?? graph.entry
    graph.nodes.append(
      Node(
        operation: operation, operands: operands, results: [], regions: regions,
        location: location, block: home, links: operands.map { _ in UseLink() }))
    for (index, type) in types.enumerated() {
      let value = makeValue(type, nil, .result(id, index))
      graph.nodes[Int(id.index)]?.results.append(value)
    }
    for region in regions { graph.blocks[Int(region.index)].parent = id }
    for index in operands.indices { link(.operand(id, index)) }
    place(id, before: anchor, in: home)
    graph.countOperation(1)
    changeCount += 1
    touched.append(id)
    return graph[id].results
  }

  /// `insert` for an operation with one result.
  public mutating func insertOne(
    _ operation: any Operation, _ operands: [Value], quantization: Quantization? = nil,
    before anchor: OperationID? = nil, in block: Block? = nil, at location: Location
  ) throws -> Value {
    try insert(
      operation, operands, quantization: [quantization], before: anchor, in: block, at: location)[0]
  }

  /// A block for a region of an operation that is about to be inserted.
  public mutating func makeRegion() -> Block {
    graph.blocks.append(BlockData())
    return Block(index: Int32(graph.blocks.count - 1))
  }

  /// Lets every use of `id`'s results use `values` instead, and erases `id`. Names of results pass
  /// on to values that have none.
  public mutating func replace(_ id: OperationID, with values: [Value]) {
    precondition(values.count == graph[id].results.count, "one value per result")
    for (old, new) in zip(graph[id].results, values) { replaceUses(of: old, with: new) }
    erase(id)
  }

  public mutating func replaceUses(of old: Value, with new: Value) {
    guard old != new else { return }
    if graph.values[Int(new.index)].name == nil, let name = graph.name(of: old),
      graph.producer(of: new) != nil
    {
      graph.values[Int(new.index)].name = name
    }
    for use in graph.uses(of: old) { setUse(use, to: new) }
    changeCount += 1
  }

  /// Lets each of `uses`, which are uses of one value, use `value` instead.
  public mutating func redirect(_ uses: [Use], to value: Value) {
    for use in uses { setUse(use, to: value) }
    changeCount += 1
  }

  /// Lets operand `index` of `id` be `value`.
  public mutating func setOperand(_ index: Int, of id: OperationID, to value: Value) {
    setUse(.operand(id, index), to: value)
    changeCount += 1
  }

  /// Changes the attributes of `id`, re-inferring its result types.
  public mutating func update(_ id: OperationID, to operation: any Operation) throws {
    let types = try operation.infer(graph.operandTypes(of: id))
    graph.nodes[Int(id.index)]?.operation = operation
    setResultTypes(types, of: id)
  }

  /// Infers the result types of `id` anew after its operands' types changed.
  public mutating func reinfer(_ id: OperationID) throws {
    let types = try graph[id].operation.infer(graph.operandTypes(of: id))
    setResultTypes(types, of: id)
  }

  private mutating func setResultTypes(_ types: [TensorType], of id: OperationID) {
    for (value, type) in zip(graph[id].results, types) {
      graph.values[Int(value.index)].type = type
    }
    changeCount += 1
    touched.append(id)
  }

  public mutating func setLocation(_ location: Location, of id: OperationID) {
    graph.nodes[Int(id.index)]?.location = location
  }

  /// Removes `id` and its regions. Requires: none of its results is used.
  public mutating func erase(_ id: OperationID) {
    let node = graph[id]
    precondition(!node.results.contains { graph.isUsed($0) }, "erasing an operation in use")
    for region in node.regions { eraseContents(of: region) }
    for index in node.operands.indices {
      unlink(.operand(id, index))
      if let producer = graph.producer(of: node.operands[index]) { touched.append(producer) }
    }
    detach(id)
    graph.nodes[Int(id.index)] = nil
    graph.countOperation(-1)
    changeCount += 1
  }

  private mutating func eraseContents(of block: Block) {
    setResults([Value](), of: block)
    for id in Array(graph.operations(in: block)).reversed() { erase(id) }
  }

  private func checkCounts(_ operation: any Operation, _ operands: Int, _ regions: Int) throws {
    let arity = type(of: operation).arity
    let name = type(of: operation).mnemonic
    guard arity.operands.contains(operands) else {
      throw OperationError("'\(name)' takes \(arity.operandText), not \(operands)")
    }
    guard arity.regions == regions else {
      throw OperationError("'\(name)' takes \(arity.regions) regions, not \(regions)")
    }
  }
}

extension Arity {
  var operandText: String {
    if operands.upperBound == Int.max { return "at least \(operands.lowerBound) operands" }
    if operands.lowerBound == operands.upperBound { return "\(operands.lowerBound) operands" }
    return "\(operands.lowerBound) to \(operands.upperBound) operands"
  }
}

// MARK: Links

extension Rewriter {
  private mutating func place(_ id: OperationID, before anchor: OperationID?, in block: Block) {
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

  private mutating func detach(_ id: OperationID) {
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

  private mutating func setUse(_ use: Use, to value: Value) {
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

  private func value(at use: Use) -> Value {
    switch use {
    case .operand(let id, let index): graph[id].operands[index]
    case .result(let block, let index): graph.blocks[Int(block.index)].results[index]
    }
  }

  private mutating func setLink(_ link: UseLink, of use: Use) {
    switch use {
    case .operand(let id, let index): graph.nodes[Int(id.index)]?.links[index] = link
    case .result(let block, let index): graph.blocks[Int(block.index)].resultLinks[index] = link
    }
  }

  /// Puts `use` at the head of its value's list.
  private mutating func link(_ use: Use) {
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

  private mutating func unlink(_ use: Use) {
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
