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
      regionArguments: regions.map { graph.arguments(of: $0).map { graph[$0] } },
      regionResults: regions.map { graph.results(of: $0).map { graph[$0] } })
    let types = try operation.checkedInfer(seen)
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
    let types = try operation.checkedInfer(graph.operandTypes(of: id))
    graph.nodes[Int(id.index)]?.operation = operation
    setResultTypes(types, of: id)
  }

  /// Infers the result types of `id` anew after its operands' types changed.
  public mutating func reinfer(_ id: OperationID) throws {
    let types = try graph[id].operation.checkedInfer(graph.operandTypes(of: id))
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
